// Targets, good and bad. What a target does is written in its URL: http://<mood>.test/…
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "net/transport.h"
#include "sim/agenda.h"
#include "sim/dice.h"
#include "sim/faults.h"

namespace punkt::sim {

/// ok         answers 200, or badly as often as the faults say
/// dead       never does well
/// slow       takes its time
/// gone       410
/// stop       500 with punkt-no-retry
/// wait       503 with Retry-After, or 200
enum class Mood : std::uint8_t { ok, dead, slow, gone, stop, wait };
std::string url_of(Mood mood, std::int64_t number);

/// One life of it; a crash is its end, and nothing of what is out is answered.
class SimTransport final : public net::Transport {
  public:
    struct Around {
        net::AnswerSink& sink;
        Agenda& agenda;
        const Clock& clock;
        Dice& dice;
        const Faults& faults;
        std::function<void(const Request&)> sent;
        std::function<void(const Answer&)> answered;
    };
    explicit SimTransport(Around around) : around_(std::move(around)) {}

    void send(std::vector<Request> requests) override;

  private:
    struct Reply {
        Answer answer;
        Microseconds after;
    };
    Reply reply_to(const Request& request);
    Answer bad_answer();

    Around around_;
    std::shared_ptr<int> alive_ = std::make_shared<int>(0);
};

}  // namespace punkt::sim
