#include "rooms/tasks/definitions/secret_values.h"

#include <algorithm>
#include <array>

#include "api/definition_part.h"
#include "base/text.h"
#include "core/secrets.h"

namespace punkt::tasks {
namespace {

struct UrlField {
    const char* name;
    std::string Task::*place;
};
constexpr std::array<UrlField, 4> urls{{{"url", &Task::url},
                                        {"callback_url", &Task::callback_url},
                                        {"on_failure_url", &Task::on_failure_url},
                                        {"on_recovery_url", &Task::on_recovery_url}}};

}  // namespace

void hide_secrets(Task& task) {
    for (auto& [name, value] : task.headers)
        if (names_secret(name, true)) value = secret_mask;
    for (const UrlField& field : urls)
        if (!(task.*field.place).empty()) task.*field.place = without_secrets(task.*field.place);
}

std::vector<FieldError> restore_secrets(Task& task, const Task* before) {
    std::vector<FieldError> wrong;
    for (auto& [name, value] : task.headers) {
        if (value != secret_mask || !names_secret(name, true)) continue;
        const auto has_name = [wanted = lower_case(name)](const auto& header) {
            return lower_case(header.first) == wanted;
        };
        const Headers known = before == nullptr ? Headers{} : before->headers;
        const auto found = std::find_if(known.begin(), known.end(), has_name);
        if (found == known.end())
            wrong.push_back({"headers." + name, api::secret_missing});
        else
            value = found->second;
    }
    for (const UrlField& field : urls) {
        std::string& url = task.*field.place;
        if (!has_masked_secret(url)) continue;
        if (before == nullptr || without_secrets(before->*field.place) != url)
            wrong.push_back({field.name, api::secret_missing});
        else
            url = before->*field.place;
    }
    return wrong;
}

}  // namespace punkt::tasks
