#include "net/outgoing.h"

#include <algorithm>
#include <iterator>

namespace punkt::net {

void Outgoing::send(std::vector<Request> requests) {
    const auto mails = std::stable_partition(requests.begin(), requests.end(),
                                             [](const Request& one) { return !one.url.starts_with(mail_scheme); });
    if (mails == requests.end()) return http_.send(std::move(requests));
    std::vector<Request> letters(std::make_move_iterator(mails), std::make_move_iterator(requests.end()));
    requests.erase(mails, requests.end());
    if (!requests.empty()) http_.send(std::move(requests));
    if (mail_ != nullptr) return mail_->send(std::move(letters));
    std::vector<Answer> answers;
    for (const Request& letter : letters)
        answers.push_back({.ticket = letter.ticket,
                           .failure = Failure::protocol,
                           .error = "this Punkt has no mail server (mail.server)",
                           .no_retry = true});
    sink_.answered(std::move(answers));
}

}  // namespace punkt::net
