use super::step::ReadCommand;
use crate::dispatch::AnyCommand;
use crate::{Command, EncodeError, Handle, Payload, Routed, ServiceKey};

/// What a step of a saga may send: one command, `Option`, array, `Vec`, or a tuple of these.
///
/// All commands of a step happen, or none does. No command at all means that the step has nothing to do.
#[diagnostic::on_unimplemented(
    message = "a step cannot send `{Self}`",
    label = "no command that an aggregate handles",
    note = "return a command, `Option<…>`, `Vec<…>`, `[…; N]` or a tuple of these; a command derives `Command` and has a `#[command]` method in an `#[aggregate] impl`"
)]
pub trait IntoCommands {
    /// The types of command that there may be.
    fn types(types: &mut Vec<CommandType>);

    /// The commands, in order.
    fn into_commands(self, commands: &mut Vec<WrittenCommand>);
}

/// A type of command, as far as a saga must know it.
#[derive(Clone, Copy, Debug)]
pub struct CommandType {
    pub(super) name: &'static str,
    pub(super) category: &'static str,
    pub(super) read: ReadCommand,
    pub(super) services: fn() -> Vec<ServiceKey>,
}

impl CommandType {
    /// What there is to know about `C`.
    pub fn of<C: Routed>() -> Self {
        Self {
            name: C::NAME,
            category: <C::Aggregate as crate::Aggregate>::CATEGORY,
            read: |payload| Ok(<dyn AnyCommand>::of::<C::Aggregate, C>(C::decode(payload)?)),
            services: <C::Aggregate as Handle<C>>::services,
        }
    }

    /// The name of the command.
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// The category of the aggregate that handles it.
    pub const fn category(&self) -> &'static str {
        self.category
    }
}

/// A command as it is stored.
#[derive(Debug)]
pub struct WrittenCommand {
    pub(super) name: &'static str,
    pub(super) category: &'static str,
    pub(super) payload: Result<Payload, EncodeError>,
}

impl WrittenCommand {
    /// Writes a command.
    pub fn of<C: Routed>(command: &C) -> Self {
        Self { name: C::NAME, category: <C::Aggregate as crate::Aggregate>::CATEGORY, payload: Command::encode(command) }
    }

    /// The name of the command.
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// Its fields, or why they cannot be written.
    pub const fn payload(&self) -> &Result<Payload, EncodeError> {
        &self.payload
    }
}

impl<C: Routed> IntoCommands for C {
    fn types(types: &mut Vec<CommandType>) {
        types.push(CommandType::of::<C>());
    }

    fn into_commands(self, commands: &mut Vec<WrittenCommand>) {
        commands.push(WrittenCommand::of(&self));
    }
}

macro_rules! each {
    ($([$($generics:tt)*] $list:ty),* $(,)?) => {$(
        #[diagnostic::do_not_recommend]
        impl<$($generics)*> IntoCommands for $list {
            fn types(types: &mut Vec<CommandType>) {
                C::types(types);
            }

            fn into_commands(self, commands: &mut Vec<WrittenCommand>) {
                self.into_iter().for_each(|command| command.into_commands(commands));
            }
        }
    )*};
}

each!([C: IntoCommands] Option<C>, [C: IntoCommands] Vec<C>, [C: IntoCommands, const N: usize] [C; N]);

macro_rules! tuple {
    ($($name:ident)+) => {
        #[diagnostic::do_not_recommend]
        impl<$($name: IntoCommands),+> IntoCommands for ($($name,)+) {
            fn types(types: &mut Vec<CommandType>) {
                $($name::types(types);)+
            }

            #[expect(non_snake_case, reason = "the parts are called as their types")]
            fn into_commands(self, commands: &mut Vec<WrittenCommand>) {
                let ($($name,)+) = self;
                $($name.into_commands(commands);)+
            }
        }
    };
}

tuple!(A B);
tuple!(A B C);
tuple!(A B C D);
tuple!(A B C D E);
tuple!(A B C D E F);
