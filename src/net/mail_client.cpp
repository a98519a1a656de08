#include "net/mail_client.h"

#include <curl/curl.h>
#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <list>
#include <mutex>
#include <thread>

#include "base/check.h"
#include "base/crypto.h"
#include "base/thread_name.h"

namespace punkt::net {
namespace {

constexpr int poll_ms = 1'000;
constexpr std::size_t encoded_word_bytes = 45;  // base64 of it, with its frame, fits the 75 that RFC 2047 allows

struct EasyDeleter {
    void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
};
struct MultiDeleter {
    void operator()(CURLM* multi) const { curl_multi_cleanup(multi); }
};
struct MimeDeleter {
    void operator()(curl_mime* mime) const { curl_mime_free(mime); }
};
struct ListDeleter {
    void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};

class Lines {
  public:
    void add(const std::string& line) {
        curl_slist* longer = curl_slist_append(list_.get(), line.c_str());
        check(longer != nullptr, "no memory for a header of a mail");
        static_cast<void>(list_.release());
        list_.reset(longer);
    }
    curl_slist* get() const { return list_.get(); }

  private:
    std::unique_ptr<curl_slist, ListDeleter> list_;
};

/// A mail on its way.
struct Sending {
    Request request;
    Lines recipients, headers;
    std::unique_ptr<CURL, EasyDeleter> easy{curl_easy_init()};
    std::unique_ptr<curl_mime, MimeDeleter> mime = nullptr;
    char error[CURL_ERROR_SIZE] = {};
};

std::string header_of(const Request& request, std::string_view name) {
    for (const auto& [key, value] : request.headers)
        if (key == name) return value;
    return {};
}

/// Lines of a mail end so; a lone line feed would be encoded as a character.
std::string with_crlf(std::string_view text) {
    std::string out;
    out.reserve(text.size() + 64);
    for (const char c : text) {
        if (c == '\n' && !out.ends_with('\r')) out.push_back('\r');
        out.push_back(c);
    }
    return out;
}

std::string date_text() { return fmt::format("{:%a, %d %b %Y %H:%M:%S} +0000", fmt::gmtime(std::time(nullptr))); }

Failure failure_of(CURLcode code) {
    switch (code) {
        case CURLE_OPERATION_TIMEDOUT:
            return Failure::timeout;
        case CURLE_COULDNT_RESOLVE_HOST:
            return Failure::dns;
        case CURLE_COULDNT_CONNECT:
            return Failure::connect;
        case CURLE_SSL_CONNECT_ERROR:
        case CURLE_PEER_FAILED_VERIFICATION:
        case CURLE_USE_SSL_FAILED:
        case CURLE_SSL_CACERT_BADFILE:
            return Failure::tls;
        case CURLE_GOT_NOTHING:
        case CURLE_SEND_ERROR:
        case CURLE_RECV_ERROR:
            return Failure::connection;
        default:
            return Failure::protocol;
    }
}

std::int64_t microseconds(CURL* easy, CURLINFO what) {
    curl_off_t value = 0;
    return curl_easy_getinfo(easy, what, &value) == CURLE_OK ? static_cast<std::int64_t>(value) : 0;
}

Answer answer_of(const Sending& sending, CURLcode code) {
    CURL* easy = sending.easy.get();
    Answer answer{.ticket = sending.request.ticket};
    answer.timings.total_us = microseconds(easy, CURLINFO_TOTAL_TIME_T);
    long reply = 0;
    curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &reply);
    if (code == CURLE_OK) {
        answer.status = 250;
        return answer;
    }
    // libcurl calls a refused recipient a failed send.
    answer.failure = reply >= 400 ? Failure::protocol : failure_of(code);
    answer.error = fmt::format("the mail server did not take it: {}",
                               sending.error[0] != '\0' ? sending.error : curl_easy_strerror(code));
    answer.no_retry = reply >= 500;
    return answer;
}

}  // namespace

Result<void> examine_mail_server(std::string_view url) {
    std::string_view host = url;
    for (const std::string_view scheme : {"smtp://", "smtps://"})
        if (url.starts_with(scheme)) host.remove_prefix(scheme.size());
    const bool is_server = host.size() < url.size() && !host.empty() && host.front() != ':' &&
                           host.find_first_of("/@?# \\") == std::string_view::npos;
    if (is_server) return {};
    return Error{ErrorKind::invalid, "must be smtp://host:port or smtps://host:port"};
}

std::string mail_subject(std::string_view text) {
    std::string plain(text);
    std::replace_if(
        plain.begin(), plain.end(), [](char c) { return c >= 0 && c < ' '; }, ' ');
    if (std::all_of(plain.begin(), plain.end(), [](char c) { return c >= ' ' && c < 0x7F; })) return plain;
    std::string encoded;
    for (std::string_view rest = plain; !rest.empty();) {
        std::size_t size = std::min(encoded_word_bytes, rest.size());
        // A character may not be split between two words.
        while (size < rest.size() && (static_cast<unsigned char>(rest[size]) & 0xC0) == 0x80 && size > 1) --size;
        if (!encoded.empty()) encoded.append("\r\n ");
        encoded.append("=?UTF-8?B?").append(crypto::base64(rest.substr(0, size))).append("?=");
        rest.remove_prefix(size);
    }
    return encoded;
}

struct MailClient::Impl {
    Impl(MailOptions given, AnswerSink& answers) : options(std::move(given)), sink(answers) {
        static const CURLcode is_ready = curl_global_init(CURL_GLOBAL_DEFAULT);
        check(is_ready == CURLE_OK && multi != nullptr, "libcurl cannot be set up");
        curl_multi_setopt(multi.get(), CURLMOPT_MAX_TOTAL_CONNECTIONS, static_cast<long>(options.connections_max));
        thread = std::thread([this] { run(); });
    }
    ~Impl() { stop(); }
    void stop() {
        stopping = true;
        curl_multi_wakeup(multi.get());
        if (thread.joinable()) thread.join();
    }

    void run();
    void start(Request request);
    void prepare(Sending& sending);
    void collect();
    void refuse(const Request& request, Failure failure, std::string why) {
        sink.answered({Answer{.ticket = request.ticket, .failure = failure, .error = std::move(why)}});
    }

    const MailOptions options;
    AnswerSink& sink;
    std::unique_ptr<CURLM, MultiDeleter> multi{curl_multi_init()};
    std::list<Sending> under_way;  // the thread's
    std::mutex mutex;
    std::vector<Request> waiting;
    std::atomic<bool> stopping = false;
    std::thread thread;
};

void MailClient::Impl::prepare(Sending& sending) {
    CURL* easy = sending.easy.get();
    const std::string recipient = sending.request.url.substr(mail_scheme.size());
    const auto at = options.from.rfind('@');
    sending.recipients.add(recipient);
    sending.headers.add("From: Punkt <" + options.from + ">");
    sending.headers.add("To: <" + recipient + ">");
    sending.headers.add("Subject: " + mail_subject(header_of(sending.request, "subject")));
    sending.headers.add("Date: " + date_text());
    // The same for each attempt: a mail that was sent twice is shown once.
    sending.headers.add(fmt::format("Message-ID: <{}{}>", header_of(sending.request, "punkt-task-id"),
                                    at == std::string::npos ? "@punkt" : options.from.substr(at)));
    sending.headers.add("Auto-Submitted: auto-generated");
    sending.mime.reset(curl_mime_init(easy));
    curl_mimepart* text = curl_mime_addpart(sending.mime.get());
    const std::string body = with_crlf(sending.request.body ? *sending.request.body : std::string());
    curl_mime_data(text, body.data(), body.size());
    curl_mime_type(text, "text/plain; charset=utf-8");
    curl_mime_encoder(text, "quoted-printable");

    curl_easy_setopt(easy, CURLOPT_URL, options.server.c_str());
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_PROXY, "");  // the environment's is for HTTP
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, sending.error);
    curl_easy_setopt(easy, CURLOPT_PRIVATE, &sending);
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, static_cast<long>(sending.request.timeout.count()));
    curl_easy_setopt(easy, CURLOPT_USE_SSL, static_cast<long>(options.user.empty() ? CURLUSESSL_TRY : CURLUSESSL_ALL));
    if (!options.ca_file.empty()) curl_easy_setopt(easy, CURLOPT_CAINFO, options.ca_file.c_str());
    if (!options.user.empty()) {
        curl_easy_setopt(easy, CURLOPT_USERNAME, options.user.c_str());
        curl_easy_setopt(easy, CURLOPT_PASSWORD, options.password.c_str());
    }
    curl_easy_setopt(easy, CURLOPT_MAIL_FROM, options.from.c_str());
    curl_easy_setopt(easy, CURLOPT_MAIL_RCPT, sending.recipients.get());
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, sending.headers.get());
    curl_easy_setopt(easy, CURLOPT_MIMEPOST, sending.mime.get());
}

void MailClient::Impl::start(Request request) {
    Sending& sending = under_way.emplace_back();
    sending.request = std::move(request);
    check(sending.easy != nullptr, "no memory for a mail");
    prepare(sending);
    curl_multi_add_handle(multi.get(), sending.easy.get());
}

void MailClient::Impl::collect() {
    int left = 0;
    while (const CURLMsg* message = curl_multi_info_read(multi.get(), &left)) {
        if (message->msg != CURLMSG_DONE) continue;
        char* place = nullptr;
        curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &place);
        const auto* sending = reinterpret_cast<const Sending*>(place);
        Answer answer = answer_of(*sending, message->data.result);
        curl_multi_remove_handle(multi.get(), sending->easy.get());
        under_way.remove_if([sending](const Sending& one) { return &one == sending; });
        sink.answered({std::move(answer)});
    }
}

void MailClient::Impl::run() {
    name_this_thread("mail");
    while (!stopping) {
        std::vector<Request> fresh;
        {
            const std::lock_guard lock(mutex);
            fresh.swap(waiting);
        }
        for (Request& request : fresh) {
            if (under_way.size() < options.waiting_max)
                start(std::move(request));
            else
                refuse(request, Failure::connection, "too many e-mails wait for the mail server");
        }
        int running = 0;
        curl_multi_perform(multi.get(), &running);
        collect();
        curl_multi_poll(multi.get(), nullptr, 0, poll_ms, nullptr);
    }
    for (const Sending& sending : under_way) {
        curl_multi_remove_handle(multi.get(), sending.easy.get());
        refuse(sending.request, Failure::cancelled, "Punkt stops");
    }
    under_way.clear();
    for (const Request& request : waiting) refuse(request, Failure::cancelled, "Punkt stops");
}

MailClient::MailClient(MailOptions options, AnswerSink& sink)
    : impl_(std::make_unique<Impl>(std::move(options), sink)) {}

MailClient::~MailClient() = default;

void MailClient::stop() { impl_->stop(); }

void MailClient::send(std::vector<Request> requests) {
    {
        const std::lock_guard lock(impl_->mutex);
        for (Request& request : requests) impl_->waiting.push_back(std::move(request));
    }
    curl_multi_wakeup(impl_->multi.get());
}

}  // namespace punkt::net
