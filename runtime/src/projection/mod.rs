//! Projections and subscribers: what is done with events after they are recorded.

mod begin;
mod fold;
mod subscriber;
mod view;
mod worker;

pub(crate) use begin::begin_now;
pub(crate) use fold::{FoldedSink, views};
pub(crate) use subscriber::SubscriberSink;
pub use view::View;
pub(crate) use worker::run;
