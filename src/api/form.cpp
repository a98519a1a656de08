#include "api/form.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "api/problem.h"
#include "base/json.h"
#include "base/utf8.h"

namespace punkt::api {
namespace {

Error malformed(std::string why) { return {ErrorKind::invalid, std::move(why), std::string(code_malformed)}; }

int digit_of(char byte) {
    if (byte >= '0' && byte <= '9') return byte - '0';
    if (byte >= 'a' && byte <= 'f') return byte - 'a' + 10;
    if (byte >= 'A' && byte <= 'F') return byte - 'A' + 10;
    return -1;
}

/// A text, or members, or elements (members without names).
struct Node {
    std::string text = {};
    std::vector<std::pair<std::string, Node>> members = {};
    enum class Kind { text, object, array } kind = Kind::text;

    Node& member(std::string_view name) {
        become(Kind::object);
        for (auto& [key, node] : members)
            if (key == name) return node;
        return members.emplace_back(name, Node{}).second;
    }
    Node& element() {
        become(Kind::array);
        return members.emplace_back(std::string(), Node{}).second;
    }
    void set(std::string value) {
        become(Kind::text);
        text = std::move(value);
    }
    void write(json::Writer& writer) const {
        if (kind == Kind::text) {
            writer.string(text);
            return;
        }
        kind == Kind::object ? writer.begin_object() : writer.begin_array();
        for (const auto& [name, node] : members) {
            if (kind == Kind::object) writer.key(name);
            node.write(writer);
        }
        kind == Kind::object ? writer.end_object() : writer.end_array();
    }

  private:
    // The last one wins, whatever stood there before.
    void become(Kind wanted) {
        if (kind == wanted) return;
        kind = wanted;
        text.clear();
        members.clear();
    }
};

class Form {
  public:
    Form() { root_.kind = Node::Kind::object; }

    /// `name` like "a", "a[b][c]" or "a[]".
    Result<void> add(std::string_view name, std::string value) {
        if (++fields_ > form_fields_max) return malformed("more than 1000 fields");
        if (!is_utf8(name) || !is_utf8(value)) return malformed("a field is not UTF-8");
        const std::size_t bracket = name.find('[');
        const bool is_nested = bracket != std::string_view::npos && bracket > 0 && name.back() == ']';
        Node* place = &root_.member(is_nested ? name.substr(0, bracket) : name);
        std::string_view rest = is_nested ? name.substr(bracket) : std::string_view();
        for (std::size_t depth = 0; !rest.empty(); ++depth) {
            const std::size_t end = rest.find(']');
            if (rest.front() != '[' || end == std::string_view::npos)
                return malformed("a field's brackets do not match");
            if (depth == form_nesting_max) return malformed("a field is nested deeper than 8 levels");
            const std::string_view key = rest.substr(1, end - 1);
            place = key.empty() ? &place->element() : &place->member(key);
            rest.remove_prefix(end + 1);
        }
        place->set(std::move(value));
        return {};
    }
    std::string json() const {
        json::Writer writer;
        root_.write(writer);
        return writer.take();
    }

  private:
    Node root_;
    std::size_t fields_ = 0;
};

/// The parameter `name` of a header like `form-data; name="a"; filename="b"`.
std::optional<std::string> header_parameter(std::string_view header, std::string_view name) {
    for (std::size_t at = header.find(';'); at < header.size();) {
        at = header.find_first_not_of("; \t", at);
        const std::size_t equals = header.find('=', std::min(at, header.size()));
        if (equals == std::string_view::npos) return std::nullopt;
        std::string key(header.substr(at, equals - at));
        std::transform(key.begin(), key.end(), key.begin(),
                       [](char byte) { return byte >= 'A' && byte <= 'Z' ? static_cast<char>(byte | 0x20) : byte; });
        std::string value;
        at = equals + 1;
        if (at < header.size() && header[at] == '"') {
            for (++at; at < header.size() && header[at] != '"'; ++at) {
                if (header[at] == '\\' && at + 1 < header.size()) ++at;
                value.push_back(header[at]);
            }
            ++at;
        } else {
            const std::size_t end = std::min(header.find(';', at), header.size());
            value = header.substr(at, end - at);
            at = end;
        }
        if (key == name) return value;
    }
    return std::nullopt;
}

/// The name in the Content-Disposition of a part's head.
std::optional<std::string> field_name(std::string_view head) {
    while (!head.empty()) {
        const std::size_t end = std::min(head.find("\r\n"), head.size());
        std::string line(head.substr(0, end));
        head.remove_prefix(std::min(end + 2, head.size()));
        constexpr std::string_view wanted = "content-disposition:";
        std::string start = line.substr(0, wanted.size());
        std::transform(start.begin(), start.end(), start.begin(),
                       [](char byte) { return byte >= 'A' && byte <= 'Z' ? static_cast<char>(byte | 0x20) : byte; });
        if (start == wanted) return header_parameter(line, "name");
    }
    return std::nullopt;
}

}  // namespace

std::optional<std::string> percent_decoded(std::string_view text, bool plus_is_blank) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (text[at] == '+' && plus_is_blank) {
            out.push_back(' ');
        } else if (text[at] != '%') {
            out.push_back(text[at]);
        } else {
            const int high = at + 2 < text.size() ? digit_of(text[at + 1]) : -1;
            const int low = at + 2 < text.size() ? digit_of(text[at + 2]) : -1;
            if (high < 0 || low < 0) return std::nullopt;
            out.push_back(static_cast<char>(high * 16 + low));
            at += 2;
        }
    }
    return out;
}

Result<FormFields> form_fields(std::string_view form) {
    FormFields fields;
    while (!form.empty()) {
        const std::size_t end = std::min(form.find('&'), form.size());
        const std::string_view pair = form.substr(0, end);
        form.remove_prefix(std::min(end + 1, form.size()));
        if (pair.empty()) continue;
        if (fields.size() == form_fields_max) return malformed("more than 1000 fields");
        const std::size_t equals = std::min(pair.find('='), pair.size());
        auto name = percent_decoded(pair.substr(0, equals), true);
        auto value = percent_decoded(pair.substr(std::min(equals + 1, pair.size())), true);
        if (!name || !value) return malformed("a field's percent-encoding is malformed");
        if (!is_utf8(*name) || !is_utf8(*value)) return malformed("a field is not UTF-8");
        fields.emplace_back(std::move(*name), std::move(*value));
    }
    return fields;
}

Result<std::string> form_to_json(const FormFields& fields) {
    Form form;
    for (const auto& [name, value] : fields)
        if (auto added = form.add(name, value); !added) return added.error();
    return form.json();
}

Result<std::string> form_to_json(std::string_view form) {
    const auto fields = form_fields(form);
    return fields ? form_to_json(*fields) : Result<std::string>(fields.error());
}

Result<std::string> multipart_to_json(std::string_view content_type, std::string_view body) {
    const auto boundary = header_parameter(content_type, "boundary");
    if (!boundary || boundary->empty() || boundary->size() > 70) return malformed("multipart without a boundary");
    const std::string opening = "--" + *boundary;
    const std::string between = "\r\n" + opening;
    if (!body.starts_with(opening)) return malformed("a multipart body that does not begin with its boundary");
    body.remove_prefix(opening.size());
    Form fields;
    while (!body.starts_with("--")) {
        const std::size_t head_end = body.find("\r\n\r\n");
        const std::size_t end =
            body.find(between, std::min(head_end, body.size()) + (head_end == std::string_view::npos ? 0 : 2));
        if (!body.starts_with("\r\n") || head_end == std::string_view::npos || end == std::string_view::npos)
            return malformed("a multipart body that ends too early");
        const std::size_t start = head_end + 4;
        const auto name = field_name(body.substr(2, head_end - 2));
        if (!name) return malformed("a part of a multipart body without a name");
        const std::string_view value = end > start ? body.substr(start, end - start) : std::string_view();
        if (auto added = fields.add(*name, std::string(value)); !added) return added.error();
        body.remove_prefix(end + between.size());
    }
    return fields.json();
}

}  // namespace punkt::api
