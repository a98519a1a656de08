// E-mail as a task: its URL is mailto:somebody@example.org, its header "subject" the subject, its body the text.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "core/task.h"

namespace punkt {

constexpr std::string_view mail_scheme = "mailto:";
constexpr std::size_t mail_address_bytes_max = 254;  // RFC 5321 §4.5.3.1, errata 1690

/// An address that may stand in an envelope: local part, @, domain, in ASCII, without blanks, quotes and brackets.
/// Errors: `invalid`, a sentence.
Result<void> examine_mail_address(std::string_view text);

/// Makes `task` one that sends `text`, UTF-8, to `address`.
void make_mail(Task& task, std::string_view address, std::string subject, std::string text);

}  // namespace punkt
