use std::time::Duration;

use serde::de::DeserializeOwned;
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use super::span;
use crate::Filter;
use crate::saga::engine::Kind;
use crate::saga::{Definition, InvalidSaga, Outline, RetryPolicy, Way};

/// What a saga does, step by step. Made by [`saga`] and by [`Definition::describe`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Saga {
    /// Its name.
    pub name: String,
    /// The version of the definition.
    pub version: u32,
    /// How long it may take to pass the pivot.
    #[serde(serialize_with = "span::serialize", skip_serializing_if = "Option::is_none")]
    pub deadline: Option<Duration>,
    /// The events that may start an instance; none if only the application starts them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub starts_on: Option<Filter>,
    /// Its steps, in order; none if it reacts.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub steps: Vec<Step>,
    /// The events that it reacts to; none if it has steps. Which commands a reaction sends is decided by code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reacts_to: Option<Filter>,
    /// The commands that it sends and to whose rejection it reacts.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub rejections: Vec<SentCommand>,
}

/// A step of a saga.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Step {
    /// Its name.
    pub name: String,
    /// What it does.
    pub action: Action,
    /// How it is undone, if it can be and has to be.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub undo: Option<Action>,
    /// Whether it is the point of no return.
    pub pivot: bool,
    /// How it is tried again.
    #[serde(serialize_with = "retry")]
    pub retry: RetryPolicy,
    /// How long its outcome may take.
    #[serde(serialize_with = "span::serialize", skip_serializing_if = "Option::is_none")]
    pub timeout: Option<Duration>,
    /// Whether it goes on without the event that it waits for once the timeout is over.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub optional: bool,
    /// Whether the saga goes on without it when it says no.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub goes_on: bool,
}

/// What a step does, one way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Action {
    /// It does nothing: it stands for what began the saga, which may be undone.
    Nothing,
    /// It sends commands, among these.
    Commands(Vec<SentCommand>),
    /// It calls the outside world.
    Activity {
        /// The types of the services that it borrows.
        services: Vec<String>,
    },
    /// It waits for an event, among these.
    Wait {
        /// The events that may be what it waits for.
        events: Filter,
    },
}

/// A command that a saga may send.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct SentCommand {
    /// The category of the aggregate that handles it.
    pub aggregate: String,
    /// Its name.
    pub name: String,
}

/// Describes a saga.
///
/// # Errors
/// [`InvalidSaga`] if its definition cannot be.
pub fn saga<S: crate::saga::Saga>() -> Result<Saga, InvalidSaga> {
    Ok(S::definition()?.describe())
}

impl<S: Serialize + DeserializeOwned + Send + Sync + 'static> Definition<S> {
    /// Describes the saga, to print or to draw it.
    ///
    /// ```
    /// # use annals_core as annals;
    /// use annals::saga::{Definition, StepError};
    /// use std::convert::Infallible;
    ///
    /// # fn main() -> Result<(), annals::saga::InvalidSaga> {
    /// let greeting = Definition::<u64>::named("greeting")
    ///     .step("greet")
    ///     .activity(|_| async { Ok::<_, StepError<Infallible>>(()) })
    ///     .nothing_to_undo()
    ///     .build()?;
    /// assert_eq!(greeting.describe().steps[0].name, "greet");
    /// println!("{}", greeting.describe().to_mermaid());
    /// # Ok(())
    /// # }
    /// ```
    pub fn describe(&self) -> Saga {
        let plan = self.plan();
        let steps = plan.steps.iter().enumerate().map(|(index, step)| Step {
            name: step.name.to_owned(),
            action: match step.kind {
                Kind::Nothing => Action::Nothing,
                _ => self.action_of(index, Way::Do).unwrap_or(Action::Nothing),
            },
            undo: self.action_of(index, Way::Undo),
            pivot: step.pivot,
            retry: step.retry,
            timeout: step.timeout,
            optional: step.optional,
            goes_on: step.goes_on,
        });
        let rejections = self.rejections().map(|(aggregate, name)| SentCommand::new(aggregate, name));
        Saga {
            name: plan.name.to_owned(),
            version: plan.version,
            deadline: plan.deadline,
            starts_on: self.starts_on(),
            steps: steps.collect(),
            reacts_to: self.reacts_to(),
            rejections: rejections.collect(),
        }
    }

    fn action_of(&self, step: usize, way: Way) -> Option<Action> {
        Some(match self.outline(step, way)? {
            Outline::Commands(types) => {
                Action::Commands(types.iter().map(|it| SentCommand::new(it.category(), it.name())).collect())
            }
            Outline::Activity(services) => {
                Action::Activity { services: services.iter().map(|key| key.name().to_owned()).collect() }
            }
            Outline::Wait(events) => Action::Wait { events: events.clone() },
        })
    }
}

impl Saga {
    /// The events that start it or mean something to it.
    pub(super) fn reads(&self) -> impl Iterator<Item = &Filter> {
        let waits = self.steps.iter().filter_map(|step| match &step.action {
            Action::Wait { events } => Some(events),
            _ => None,
        });
        self.starts_on.iter().chain(waits).chain(&self.reacts_to)
    }
}

impl SentCommand {
    fn new(aggregate: &str, name: &str) -> Self {
        Self { aggregate: aggregate.to_owned(), name: name.to_owned() }
    }
}

fn retry<S: Serializer>(policy: &RetryPolicy, serializer: S) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(Some(4))?;
    map.serialize_entry("attempts", &policy.attempts)?;
    for (name, duration) in [("initial", policy.initial), ("longest", policy.longest), ("alert_after", policy.alert_after)] {
        map.serialize_entry(name, &span::text(duration))?;
    }
    map.end()
}
