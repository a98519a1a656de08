#include "core/once.h"

namespace punkt {

const char* word(TakenAs as) {
    switch (as) {
        case TakenAs::created:
            return "created";
        case TakenAs::replaced:
            return "replaced";
        case TakenAs::ignored:
            return "ignored";
        case TakenAs::refused:
            return "refused";
    }
    return "";
}

}  // namespace punkt
