use annals_core::StreamId;

/// Where the commands of a [`Request`](super::Request) come from.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Origin {
    /// Somebody sent them with [`App::send`](crate::App::send): a service, a subscriber, a test.
    Sender,
    /// A saga sends them as one of its steps or reactions, with the actor of whatever set the saga off in their metadata.
    Saga {
        /// The stream of the instance.
        instance: StreamId,
    },
    /// They were put off and are due now. Their metadata is that of whoever put them off.
    Schedule,
}

impl Origin {
    /// The name of the saga that they come from, if it is one.
    pub fn saga(&self) -> Option<&str> {
        match self {
            Self::Saga { instance } => instance.category().as_str().strip_prefix("$saga."),
            Self::Sender | Self::Schedule => None,
        }
    }
}
