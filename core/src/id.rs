//! Identities of events, commands, appends and of the chains they form.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::Env;

/// Declares a 128-bit identity. One newtype an idea, so that an event id is never passed where a
/// command id is meant.
macro_rules! identity {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// Makes a new, time-ordered identity (UUID version 7) from the clock and randomness of `env`.
            pub fn generate(env: &Env) -> Self {
                Self(env.uuid())
            }

            /// Takes an identity that was made elsewhere.
            pub const fn from_uuid(uuid: Uuid) -> Self {
                Self(uuid)
            }

            /// The identity as a UUID.
            pub const fn as_uuid(&self) -> Uuid {
                self.0
            }

            /// The 16 bytes that stores keep.
            pub const fn as_bytes(&self) -> &[u8; 16] {
                self.0.as_bytes()
            }

            /// Reads the 16 bytes that stores keep.
            pub const fn from_bytes(bytes: [u8; 16]) -> Self {
                Self(Uuid::from_bytes(bytes))
            }

            /// Derives an identity from this one and a `name`: the same inputs give the same identity
            /// on every machine, for ever (UUID version 5, RFC 9562 §5.5).
            pub fn derive(&self, name: &str) -> Self {
                Self(Uuid::new_v5(&self.0, name.as_bytes()))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({})", stringify!($name), self.0)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Uuid::from_str(text).map(Self)
            }
        }

        impl From<Uuid> for $name {
            fn from(uuid: Uuid) -> Self {
                Self(uuid)
            }
        }
    };
}

identity! {
    /// Identifies one recorded event, in every store and broker it travels through.
    EventId
}

identity! {
    /// Identifies one unit of work, across every attempt to append it.
    ///
    /// A store keeps it with the events. Appending again under an id it knows changes nothing and answers with
    /// the first outcome, so an append of unknown outcome is safe to send again.
    AppendId
}

identity! {
    /// Identifies one command. Sending a command twice under one id applies it once.
    CommandId
}

identity! {
    /// Identifies one message in an outbox or inbox.
    MessageId
}

identity! {
    /// Ties together everything that one request set in motion.
    CorrelationId
}

identity! {
    /// Names the message (command or event) that directly caused another.
    CausationId
}

/// The unit of work of a command is named after the command: that is what makes sending it twice safe.
impl From<CommandId> for AppendId {
    fn from(id: CommandId) -> Self {
        Self(id.0)
    }
}

impl From<CommandId> for CausationId {
    fn from(id: CommandId) -> Self {
        Self(id.0)
    }
}

impl From<EventId> for CausationId {
    fn from(id: EventId) -> Self {
        Self(id.0)
    }
}

impl From<CommandId> for CorrelationId {
    fn from(id: CommandId) -> Self {
        Self(id.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_derived_identity_is_the_same_for_ever() {
        let id = CommandId::from_uuid(Uuid::nil());
        assert_eq!(id.derive("reserve/0/do").to_string(), "a03bde65-bdad-5c8d-8e37-1a59ea676d81");
        assert_ne!(id.derive("a"), id.derive("b"));
    }

    #[test]
    fn an_identity_survives_its_text_form() {
        let id = EventId::from_bytes([7; 16]);
        assert_eq!(id.to_string().parse::<EventId>(), Ok(id));
    }
}
