//! What the macros generate, seen from outside: names, bodies, tags, decisions, documents, sagas.

#[path = "macros/aggregate.rs"]
mod aggregate;
#[path = "macros/command.rs"]
mod command;
#[path = "macros/declare.rs"]
mod declare;
#[path = "macros/domain.rs"]
mod domain;
#[path = "macros/event.rs"]
mod event;
#[path = "macros/generic.rs"]
mod generic;
#[path = "macros/ledger.rs"]
mod ledger;
#[path = "macros/ledger_rules.rs"]
mod ledger_rules;
#[path = "macros/parts.rs"]
mod parts;
#[path = "macros/projection.rs"]
mod projection;
#[path = "macros/reactions.rs"]
mod reactions;
#[path = "macros/saga.rs"]
mod saga;
#[path = "macros/saga_domain.rs"]
mod saga_domain;
#[path = "macros/serde.rs"]
mod serde_attributes;
#[path = "macros/support.rs"]
mod support;
