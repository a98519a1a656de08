#include "core/mail.h"

#include <algorithm>

namespace punkt {

Result<void> examine_mail_address(std::string_view text) {
    const auto at = text.find('@');
    const bool is_address =
        at != std::string_view::npos && at > 0 && at + 1 < text.size() && text.size() <= mail_address_bytes_max &&
        text.rfind('@') == at && std::all_of(text.begin(), text.end(), [](char c) {
            return c > ' ' && c < 0x7F && std::string_view("<>()[]\\,;:\"?%&").find(c) == std::string_view::npos;
        });
    if (is_address) return {};
    return Error{ErrorKind::invalid, "must be an e-mail address such as ops@example.org"};
}

void make_mail(Task& task, std::string_view address, std::string subject, std::string text) {
    task.url = std::string(mail_scheme).append(address);
    task.headers = {{"subject", std::move(subject)}};
    task.body = std::move(text);
}

}  // namespace punkt
