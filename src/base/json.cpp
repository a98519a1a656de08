#include "base/json.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <bit>
#include <cstring>

#include "base/check.h"
#include "base/utf8.h"

namespace punkt::json {
namespace {

using simdjson::internal::tape_ref;
using simdjson::internal::tape_type;

// Documents up to this size keep their buffers (about 10 bytes for each byte of text) for the thread's next document.
constexpr std::size_t kept_bytes_max = 16 * 1024;
constexpr std::size_t kept_documents_max = 32;
// A parser that has seen a larger text is given back, lest every thread keeps the memory of its largest one.
constexpr std::size_t parser_bytes_max = 1024 * 1024;

/// simdjson notices an unclosed bracket before it counts levels; the depth is what the sender must know first.
bool is_too_deep(std::string_view text) {
    std::size_t depth = 0;
    bool in_string = false;
    for (std::size_t at = 0; at < text.size(); ++at) {
        const char byte = text[at];
        if (in_string) {
            if (byte == '\\') ++at;
            if (byte == '"') in_string = false;
            continue;
        }
        if (byte == '"') in_string = true;
        if ((byte == '[' || byte == '{') && ++depth > depth_max) return true;
        if ((byte == ']' || byte == '}') && depth > 0) --depth;
    }
    return false;
}

std::string reason(simdjson::error_code code, std::string_view text) {
    if (code == simdjson::DEPTH_ERROR || is_too_deep(text))
        return fmt::format("nested deeper than {} levels", depth_max);
    switch (code) {
        case simdjson::EMPTY:
            return "empty";
        case simdjson::UTF8_ERROR:
            return fmt::format("not UTF-8 at byte {}", first_bad_utf8(text));
        case simdjson::UNCLOSED_STRING:
            return "a string has no closing quote";
        case simdjson::UNESCAPED_CHARS:
            return "a control character inside a string must be escaped";
        case simdjson::STRING_ERROR:
            return "a string has a wrong escape";
        case simdjson::NUMBER_ERROR:
            return "a number is malformed or too large";
        case simdjson::T_ATOM_ERROR:
        case simdjson::F_ATOM_ERROR:
        case simdjson::N_ATOM_ERROR:
            return "a word other than true, false and null";
        case simdjson::CAPACITY:
        case simdjson::MEMALLOC:
            return "too large";
        default:
            return "missing or superfluous comma, bracket, key or value";
    }
}

Error invalid(std::string why) { return {ErrorKind::invalid, "malformed JSON: " + std::move(why)}; }

/// The parser and a copy of the text with the padding that simdjson reads past the end.
struct Workspace {
    simdjson::dom::parser parser{};
    std::unique_ptr<char[]> padded = nullptr;
    std::size_t padded_bytes = 0;

    const char* pad(std::string_view text) {
        const std::size_t needed = text.size() + simdjson::SIMDJSON_PADDING;
        if (padded_bytes < needed) {
            padded_bytes = std::bit_ceil(needed);
            padded = std::make_unique_for_overwrite<char[]>(padded_bytes);
        }
        std::memcpy(padded.get(), text.data(), text.size());
        std::memset(padded.get() + text.size(), 0, simdjson::SIMDJSON_PADDING);
        return padded.get();
    }
    void give_back_if_large() {
        if (padded_bytes <= parser_bytes_max) return;
        *this = Workspace{};
    }
};

Workspace& workspace() {
    thread_local Workspace here;
    return here;
}

const simdjson::dom::document& tape_of(const void* document) {
    return *static_cast<const simdjson::dom::document*>(document);
}

}  // namespace

struct Document::Impl {
    simdjson::dom::document document;

    using Pool = std::vector<std::unique_ptr<Impl>>;
    static Pool& pool() {
        thread_local Pool here;
        return here;
    }
    static std::unique_ptr<Impl> obtain() {
        if (pool().empty()) return std::make_unique<Impl>();
        auto impl = std::move(pool().back());
        pool().pop_back();
        return impl;
    }
    static void release(std::unique_ptr<Impl> impl) {
        if (impl && impl->document.capacity() <= kept_bytes_max && pool().size() < kept_documents_max)
            pool().push_back(std::move(impl));
    }
};

Document::Document(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Document::Document(Document&&) noexcept = default;
Document& Document::operator=(Document&& other) noexcept {
    if (this != &other) Impl::release(std::exchange(impl_, std::move(other.impl_)));
    return *this;
}
Document::~Document() { Impl::release(std::move(impl_)); }

Result<Document> Document::parse(std::string_view text) {
    if (text.starts_with("\xEF\xBB\xBF")) return invalid("starts with a byte order mark");
    Workspace& here = workspace();
    auto impl = Impl::obtain();
    // Grown in powers of two, so that a thread's documents and its parser soon stop allocating.
    const std::size_t capacity = std::max<std::size_t>(std::bit_ceil(text.size()), 1024);
    simdjson::error_code failed = simdjson::SUCCESS;
    if (impl->document.capacity() < capacity) failed = impl->document.allocate(capacity);
    if (!failed && (here.parser.capacity() < capacity || here.parser.max_depth() != depth_max))
        failed = here.parser.allocate(capacity, depth_max);
    if (!failed) failed = here.parser.parse_into_document(impl->document, here.pad(text), text.size(), false).error();
    here.give_back_if_large();
    if (failed) {
        Impl::release(std::move(impl));
        return invalid(reason(failed, text));
    }
    return Document(std::move(impl));
}

Value Document::root() const { return impl_ ? Value(&impl_->document, 1) : Value(); }

Type Value::type() const {
    if (!document_) return Type::absent;
    switch (tape_ref(&tape_of(document_), index_).tape_ref_type()) {
        case tape_type::NULL_VALUE:
            return Type::null;
        case tape_type::TRUE_VALUE:
        case tape_type::FALSE_VALUE:
            return Type::boolean;
        case tape_type::INT64:
            return Type::integer;
        case tape_type::UINT64:
        case tape_type::DOUBLE:
            return Type::real;
        case tape_type::STRING:
            return Type::string;
        case tape_type::START_ARRAY:
            return Type::array;
        case tape_type::START_OBJECT:
            return Type::object;
        default:
            return Type::absent;
    }
}

std::optional<bool> Value::boolean() const {
    if (type() != Type::boolean) return std::nullopt;
    return tape_ref(&tape_of(document_), index_).is_true();
}

std::optional<std::int64_t> Value::integer() const {
    if (type() != Type::integer) return std::nullopt;
    return tape_ref(&tape_of(document_), index_).next_tape_value<std::int64_t>();
}

std::optional<double> Value::number() const {
    if (type() != Type::integer && type() != Type::real) return std::nullopt;
    const tape_ref here(&tape_of(document_), index_);
    if (here.is_int64()) return static_cast<double>(here.next_tape_value<std::int64_t>());
    if (here.is_uint64()) return static_cast<double>(here.next_tape_value<std::uint64_t>());
    return here.next_tape_value<double>();
}

std::optional<std::string_view> Value::string() const {
    if (type() != Type::string) return std::nullopt;
    return tape_ref(&tape_of(document_), index_).get_string_view();
}

Value Value::operator[](std::string_view key) const {
    if (type() != Type::object) return {};
    const auto& document = tape_of(document_);
    const std::size_t end = tape_ref(&document, index_).matching_brace_index() - 1;
    for (std::size_t at = index_ + 1; at < end;) {
        const bool found = tape_ref(&document, at).get_string_view() == key;
        if (found) return Value(document_, at + 1);
        at = tape_ref(&document, at + 1).after_element();
    }
    return {};
}

std::vector<Value> Value::elements() const {
    std::vector<Value> found;
    if (type() != Type::array) return found;
    const auto& document = tape_of(document_);
    const tape_ref here(&document, index_);
    const std::size_t end = here.matching_brace_index() - 1;
    found.reserve(here.scope_count());  // saturates at 2^24 - 1
    for (std::size_t at = index_ + 1; at < end; at = tape_ref(&document, at).after_element())
        found.push_back(Value(document_, at));
    return found;
}

std::vector<std::pair<std::string_view, Value>> Value::members() const {
    std::vector<std::pair<std::string_view, Value>> found;
    if (type() != Type::object) return found;
    const auto& document = tape_of(document_);
    const tape_ref here(&document, index_);
    const std::size_t end = here.matching_brace_index() - 1;
    found.reserve(here.scope_count());
    for (std::size_t at = index_ + 1; at < end; at = tape_ref(&document, at + 1).after_element())
        found.emplace_back(tape_ref(&document, at).get_string_view(), Value(document_, at + 1));
    return found;
}

std::string Value::text() const {
    Writer writer;
    write_to(writer);
    return writer.take();
}

void Value::write_to(Writer& writer) const {
    switch (type()) {
        case Type::absent:
        case Type::null:
            writer.null();
            break;
        case Type::boolean:
            writer.boolean(*boolean());
            break;
        case Type::integer:
            writer.integer(*integer());
            break;
        case Type::real: {
            const tape_ref here(&tape_of(document_), index_);
            if (here.is_uint64())
                writer.raw(fmt::format_int(here.next_tape_value<std::uint64_t>()).c_str());
            else
                writer.number(*number());
            break;
        }
        case Type::string:
            writer.string(*string());
            break;
        case Type::array:
            writer.begin_array();
            for (const Value& element : elements()) element.write_to(writer);
            writer.end_array();
            break;
        case Type::object:
            writer.begin_object();
            for (const auto& [name, member] : members()) {
                writer.key(name);
                member.write_to(writer);
            }
            writer.end_object();
            break;
    }
}

}  // namespace punkt::json
