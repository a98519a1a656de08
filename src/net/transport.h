// The port through which everything leaves Punkt: one attempt to call a URL. The engine knows only this.
#pragma once

#include <vector>

#include "core/http.h"

namespace punkt::net {

using punkt::Answer;
using punkt::Failure;
using punkt::Request;

/// Receives the answers. Called from the transport's threads, many at once; must not block.
class AnswerSink {
  public:
    virtual ~AnswerSink() = default;
    virtual void answered(std::vector<Answer> answers) = 0;
};

class Transport {
  public:
    virtual ~Transport() = default;
    /// Starts the attempts; each one is answered exactly once, within its timeout plus a second. Never blocks.
    virtual void send(std::vector<Request> requests) = 0;
};

}  // namespace punkt::net
