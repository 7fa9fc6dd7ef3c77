//! A club with a till. It has every flaw that a test should find, one at a time.

use std::cell::Cell;
use std::collections::BTreeSet;

use annals::prelude::*;
use annals::{CommandId, Context};
use serde::{Deserialize, Serialize, Serializer};

#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) enum Flaw {
    #[default]
    None,
    /// Spending costs a fee that nobody counts.
    Fee,
    /// The fourth member is let in.
    FourthMember,
    Impure,
    PanicInDecide,
    PanicInEvolve,
    /// Not all of an event is stored.
    Forgets,
    /// An event is stored as another one.
    Lies,
}

#[derive(Event)]
pub(crate) enum ClubEvent {
    Founded {
        flaw: Flaw,
    },
    Joined {
        member: String,
        #[serde(skip)]
        secretly: bool,
    },
    Left {
        member: String,
    },
    Paid {
        #[serde(serialize_with = "unlucky")]
        amount: i64,
    },
    Spent {
        amount: i64,
        fee: i64,
    },
    Reminded {
        by: CommandId,
    },
}

/// Writes a large amount as one more.
fn unlucky<S: Serializer>(amount: &i64, serializer: S) -> Result<S::Ok, S::Error> {
    let lie = LIES.get() && *amount >= 100;
    serializer.serialize_i64(amount + i64::from(lie))
}

thread_local! {
    static LIES: Cell<bool> = const { Cell::new(false) };
    static TURN: Cell<i64> = const { Cell::new(0) };
}

#[derive(Command)]
pub(crate) struct Join {
    #[id]
    pub(crate) club: String,
    pub(crate) member: String,
}

#[derive(Command)]
pub(crate) struct Leave {
    #[id]
    pub(crate) club: String,
    pub(crate) member: String,
}

#[derive(Command)]
pub(crate) struct Pay {
    #[id]
    pub(crate) club: String,
    pub(crate) amount: i64,
}

#[derive(Command)]
pub(crate) struct Spend {
    #[id]
    pub(crate) club: String,
    pub(crate) amount: i64,
}

#[derive(Command)]
pub(crate) struct Remind {
    #[id]
    pub(crate) club: String,
}

#[derive(Debug, thiserror::Error)]
pub(crate) enum ClubError {
    #[error("{0} is a member")]
    IsMember(String),
    #[error("{0} is no member")]
    IsNoMember(String),
    #[error("the club is full")]
    Full,
    #[error("there is only {0}")]
    TooLittle(i64),
}

/// What it costs to join.
pub(crate) struct Price(pub(crate) i64);

#[aggregate(id = String, event = ClubEvent)]
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Club {
    flaw: Flaw,
    pub(crate) members: BTreeSet<String>,
    pub(crate) balance: i64,
    pub(crate) reminded: u32,
    secrets: usize,
}

#[aggregate]
impl Club {
    #[prepare]
    async fn price(_command: &Join, price: &Price) -> Result<i64, ClubError> {
        tokio::task::yield_now().await;
        Ok(price.0)
    }

    #[command]
    fn join(&self, command: Join, price: &i64) -> Result<[ClubEvent; 2], ClubError> {
        if self.members.contains(&command.member) {
            return Err(ClubError::IsMember(command.member));
        }
        let room = if self.flaw == Flaw::FourthMember { 4 } else { 3 };
        if self.members.len() >= room || self.secrets > 0 {
            return Err(ClubError::Full);
        }
        let secretly = self.flaw == Flaw::Forgets && command.member == "3";
        Ok([ClubEvent::Joined { member: command.member, secretly }, ClubEvent::Paid { amount: *price }])
    }

    #[command]
    fn leave(&self, command: Leave) -> Result<ClubEvent, ClubError> {
        if !self.members.contains(&command.member) {
            return Err(ClubError::IsNoMember(command.member));
        }
        assert!(self.flaw != Flaw::PanicInDecide || self.balance < 500, "nobody leaves a rich club");
        Ok(ClubEvent::Left { member: command.member })
    }

    #[command]
    fn pay(&self, command: Pay) -> Result<ClubEvent, ClubError> {
        TURN.set(TURN.get() + 1);
        LIES.set(self.flaw == Flaw::Lies);
        let more = if self.flaw == Flaw::Impure && command.amount > 100 { TURN.get() % 2 } else { 0 };
        Ok(ClubEvent::Paid { amount: command.amount + more })
    }

    #[command]
    fn spend(&self, command: Spend) -> Result<Option<ClubEvent>, ClubError> {
        if command.amount > self.balance {
            return Err(ClubError::TooLittle(self.balance));
        }
        let fee = i64::from(self.flaw == Flaw::Fee);
        Ok((command.amount > 0).then_some(ClubEvent::Spent { amount: command.amount, fee }))
    }

    #[command]
    fn remind(&self, _command: Remind, context: &Context) -> Result<ClubEvent, ClubError> {
        Ok(ClubEvent::Reminded { by: context.command_id })
    }

    #[event]
    fn evolve(&mut self, event: &ClubEvent) {
        match event {
            ClubEvent::Founded { flaw } => self.flaw = *flaw,
            ClubEvent::Joined { member, secretly } => {
                self.members.insert(member.clone());
                self.secrets += usize::from(*secretly);
            }
            ClubEvent::Left { member } => _ = self.members.remove(member),
            ClubEvent::Paid { amount } => self.balance += amount,
            ClubEvent::Spent { amount, fee } => self.balance -= amount + fee,
            ClubEvent::Reminded { .. } => {
                assert!(self.flaw != Flaw::PanicInEvolve || self.members.is_empty(), "a member was offended");
                self.reminded += 1;
            }
        }
    }
}
