// The values of a run that no file can know: ids, times, keys. A file names them, `{{uuid:task}}`, and uses the name
// later, `{{task}}`.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"

namespace punkt::wire {

/// Threads: one.
class Memory {
  public:
    void set(const std::string& name, std::string value) { values_[name] = std::move(value); }
    /// The request that an answer belongs to: what `{{now+90s}}` is measured against.
    /// `makes_times`: times close to it in the answer come from the request itself, and are drafted as `{{now}}`.
    void set_window(Timestamp from, Timestamp to, bool makes_times = true) {
        from_ = from, to_ = to, makes_times_ = makes_times;
    }

    /// `text` with every `{{…}}` replaced: a remembered name, `{{now+1h}}` (RFC 3339), `{{epoch+1h}}` (milliseconds),
    /// `{{x*3000}}` (the letter, that often). Errors: a sentence for an unknown name.
    Result<std::string> fill(std::string_view text, Timestamp now) const;

    /// Whether `actual` is `pattern`: literal text with placeholders. A placeholder is a remembered name, a form
    /// (`uuid`, `time`, …), a form whose value is remembered (`uuid:task`; equal ever after), or `now` with an offset.
    bool matches(std::string_view pattern, std::string_view actual);

    /// `text` with what differs per run replaced by placeholders, as a first draft for a person to refine.
    std::string drafted(std::string_view text) const;

  private:
    bool matches_one(std::string_view placeholder, std::string_view value);
    bool is_in_window(std::string_view offset, std::string_view value) const;

    std::map<std::string, std::string, std::less<>> values_;
    Timestamp from_{}, to_{};
    bool makes_times_ = true;
};

/// "{{uuid:task}}" is one; nothing else.
bool is_placeholder(std::string_view text);

}  // namespace punkt::wire
