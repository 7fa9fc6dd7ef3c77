//! Which events are taken, and by what.

use crate::saga::model::Saga;
use crate::saga::on_event::OnEvent;
use crate::support::Errors;
use crate::support::types::text;

pub(super) fn check(saga: &Saga<'_>, errors: &mut Errors) {
    check_once(&saga.starts, "begins an instance in", "one function decides on all of them", errors);
    check_once(&saga.ons, "is taken in by", "one `match` over all of them", errors);
    check_once(&saga.keys, "is given a key by", "one `match` over all of them", errors);
    for key in &saga.keys {
        let Some(event) = key.event else { continue };
        let is_absent = saga.block.absent(&["start", "wait", "on"]).next().is_some();
        if !is_absent && !saga.taking().any(|taking| taking.event == Some(event)) {
            let name = text(event);
            errors.at(
                event,
                format_args!("nothing takes `{name}`, so it needs no key: leave this out, or take it with {}", takers(saga)),
            );
        }
    }
    check_rejections(saga, errors);
}

fn takers(saga: &Saga<'_>) -> &'static str {
    if saga.is_reacting() { "`#[start]` or `#[on]`" } else { "`#[start]` or `#[wait]`" }
}

fn check_once(methods: &[OnEvent<'_>], what: &str, remedy: &str, errors: &mut Errors) {
    for (at, on) in methods.iter().enumerate() {
        let Some(event) = on.event else { continue };
        if let Some(first) = methods[..at].iter().find(|first| first.event == Some(event)) {
            let first = &first.method.signature.ident;
            errors.at(event, format_args!("`{}` {what} `{first}` already: {remedy}", text(event)));
        }
    }
}

fn check_rejections(saga: &Saga<'_>, errors: &mut Errors) {
    for (at, rejected) in saga.rejections.iter().enumerate() {
        let Some(command) = rejected.command else { continue };
        if let Some(first) = saga.rejections[..at].iter().find(|first| first.command == Some(command)) {
            let first = &first.method.signature.ident;
            errors.at(command, format_args!("the refusal of `{}` is already taken in by `{first}`", text(command)));
        }
    }
}
