use serde::Serialize;

use crate::{Behaviour, EventKind};

/// What there is to know about an aggregate. Made by [`aggregate`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Aggregate {
    /// The category of its streams.
    pub category: String,
    /// Its commands, in order of the methods.
    pub commands: Vec<Command>,
    /// What can happen to it, in order of the variants.
    pub events: Vec<Event>,
}

/// A command that an aggregate handles.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Command {
    /// Its name.
    pub name: String,
    /// The types of the services that its preparation borrows.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub services: Vec<String>,
}

/// A kind of event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Event {
    /// The name it is stored under.
    pub name: String,
    /// The newest version of its fields.
    pub version: u32,
    /// Names under which older programs stored it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<String>,
}

/// Describes an aggregate.
///
/// ```
/// # use annals_core as annals;
/// use annals::describe;
/// # use annals::{Aggregate, Behaviour, CommandInfo, EncodeError, Event, EventKind, Evolve, Payload, PayloadError};
/// # #[derive(Default)] struct Door;
/// # struct DoorEvent;
/// # impl Event for DoorEvent {
/// #     const KINDS: &'static [EventKind] = &[EventKind { name: "door.opened", version: 1, aliases: &[], upcasters: &[] }];
/// #     fn kind(&self) -> &'static EventKind { &Self::KINDS[0] }
/// #     fn encode(&self) -> Result<Payload, EncodeError> { Payload::json(&()) }
/// #     fn from_payload(_: &'static EventKind, _: &Payload) -> Result<Self, PayloadError> { Ok(Self) }
/// # }
/// # impl Aggregate for Door { type Id = String; type Event = DoorEvent; const CATEGORY: &'static str = "door"; }
/// # impl Evolve for Door { fn evolve(&mut self, _: &DoorEvent) {} }
/// # impl Behaviour for Door { const COMMANDS: &'static [CommandInfo] = &[]; }
///
/// let door = describe::aggregate::<Door>();
/// assert_eq!((door.category.as_str(), door.events[0].name.as_str()), ("door", "door.opened"));
/// ```
pub fn aggregate<A: Behaviour>() -> Aggregate {
    let commands = A::COMMANDS.iter().map(|command| Command {
        name: command.name.to_owned(),
        services: (command.services)().into_iter().map(|key| key.name().to_owned()).collect(),
    });
    Aggregate {
        category: A::CATEGORY.to_owned(),
        commands: commands.collect(),
        events: <A::Event as crate::Event>::KINDS.iter().map(Event::from).collect(),
    }
}

impl From<&EventKind> for Event {
    fn from(kind: &EventKind) -> Self {
        Self {
            name: kind.name.to_owned(),
            version: kind.version,
            aliases: kind.aliases.iter().map(|&alias| alias.to_owned()).collect(),
        }
    }
}
