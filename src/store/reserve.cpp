#include "store/reserve.h"

#include <fcntl.h>
#include <unistd.h>

namespace punkt::store {

bool Reserve::claim() {
    if (bytes_ == 0) return true;
    const int file = ::open(path_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (file < 0) return false;
    const bool claimed = ::posix_fallocate(file, 0, bytes_) == 0;
    ::close(file);
    if (!claimed) release();
    return claimed;
}

void Reserve::release() {
    if (bytes_ > 0) ::unlink(path_.c_str());
}

}  // namespace punkt::store
