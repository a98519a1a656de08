// From the configuration to the Options of each part.
#pragma once

#include <functional>

#include "app/config.h"
#include "app/otlp_exporter.h"
#include "engine/engine.h"
#include "net/http_client.h"
#include "net/http_server.h"
#include "net/mail_client.h"
#include "rooms/events/room.h"
#include "rooms/tasks/task_audit.h"
#include "store/data_folder.h"
#include "store/quotas.h"
#include "store/retention.h"
#include "store/writer.h"

namespace punkt::app {

store::Quotas::Options quota_options(const Config& config);
store::Writer::Options writer_options(const store::DataFolder& folder, store::Quotas& quotas,
                                      std::function<void(const Error&)> fatal);
store::Retention::Options retention_options(const Config& config, const store::Quotas& quotas);
tasks::AuditOptions audit_options(const Config& config);
engine::Options engine_options(const Config& config);
OtlpExporter::Options otlp_options(const Config& config);
events::Room::Options event_options(const Config& config);
net::ClientOptions client_options(const Config& config, const net::AddressGuard& guard);
net::MailOptions mail_options(const Config& config);
/// Of the main listener.
net::ServerOptions server_options(const Config& config);

}  // namespace punkt::app
