//! Every name that an expansion could take for granted means something else here.

struct Vec;
struct Option;
struct Result;
struct String;
struct Box;
struct Some;
struct None;
struct Ok;
struct Err;
trait Default {}
trait Clone {}
trait Send {}
trait Sync {}
trait Sized {}
trait Iterator {}
trait From {}
trait Into {}
trait Serialize {}
trait Deserialize {}
trait Event {}
trait Command {}
trait Aggregate {}
trait Handle {}
trait Projection {}
trait Saga {}
trait Define {}
trait Deref {}
struct Definition;
struct Duration;
struct RetryPolicy;
struct Call;
struct Services;
struct Payload;
struct Tag;
struct Context;
mod core {}
mod std {}
mod alloc {}
mod serde {}
mod annals {}
const TOTAL: u8 = 0;
#[allow(unused_macros, reason = "it is there to be in the way")]
macro_rules! vec {
    () => {};
}

#[derive(::annals::Event)]
enum OrderEvent {
    Placed {
        #[tag]
        total: u64,
        #[tag]
        voucher: ::core::option::Option<u64>,
    },
    Paid(Body),
    Fields,
    Written,
}

#[derive(::serde::Serialize, ::serde::Deserialize)]
struct Body {}

#[derive(::annals::Command)]
struct PlaceOrder {
    #[id]
    order: ::std::string::String,
    total: u64,
}

#[::annals::aggregate(id = ::std::string::String, event = OrderEvent)]
#[derive(::core::default::Default)]
struct Order;

#[::annals::aggregate(part = r#impl)]
impl Order {
    #[command(SendOrder)]
    fn send(&self) -> ::core::result::Result<[OrderEvent; 0], ::std::fmt::Error> {
        ::core::result::Result::Ok([])
    }
}

#[::annals::aggregate(parts(r#impl))]
impl Order {
    #[prepare]
    async fn price(_command: &PlaceOrder, _price: &u64) -> ::core::result::Result<u64, ::std::fmt::Error> {
        ::core::result::Result::Ok(1)
    }

    #[command]
    fn place(
        &self,
        command: PlaceOrder,
        price: &u64,
        _context: &::annals::Context,
    ) -> ::core::result::Result<OrderEvent, ::std::fmt::Error> {
        let voucher = ::core::option::Option::None;
        ::core::result::Result::Ok(OrderEvent::Placed { total: command.total * price, voucher })
    }

    #[command(PayOrder, derive(::core::clone::Clone))]
    fn pay(
        &self,
        id: &::core::primitive::str,
        total: ::core::option::Option<u64>,
        context: &::annals::Context,
    ) -> ::core::result::Result<[OrderEvent; 0], ::std::fmt::Error> {
        ::annals::ensure!(total.is_some() && id == context.stream.id(), ::std::fmt::Error);
        ::core::result::Result::Ok([])
    }

    #[event]
    fn evolve(&mut self, _event: &OrderEvent) {}

    // Names that the traits have, too.
    fn decide(&self) {}
    fn prepare(&self) {}
    fn services(&self) {}
}

#[derive(::core::default::Default, ::serde::Serialize, ::serde::Deserialize)]
struct Revenue;

#[::annals::projection]
impl Revenue {
    #[on]
    fn apply(&mut self, _event: &OrderEvent) {}

    #[key]
    fn key(_event: &OrderEvent) -> ::std::string::String {
        ::std::string::String::new()
    }
}

#[derive(::serde::Serialize, ::serde::Deserialize)]
struct Checkout;

#[::annals::saga(deadline = "1h")]
impl Checkout {
    #[start]
    fn definition(_event: &OrderEvent) -> ::core::option::Option<Self> {
        ::core::option::Option::None
    }

    #[key]
    fn define(_event: &OrderEvent) -> ::std::string::String {
        ::std::string::String::new()
    }

    #[step]
    fn step(&self) -> ::core::option::Option<PlaceOrder> {
        ::core::option::Option::None
    }

    #[undo(step)]
    fn undo(&self) -> ::std::vec::Vec<PlaceOrder> {
        ::std::vec::Vec::new()
    }

    #[step(retry(initial = "1s"))]
    async fn activity(
        &self,
        _gateway: &u64,
        _key: ::annals::saga::IdempotencyKey,
    ) -> ::core::result::Result<u64, ::annals::saga::StepError<::core::convert::Infallible>> {
        ::core::result::Result::Ok(1)
    }

    #[outcome(activity)]
    fn outcome(&mut self, _payment: u64) {}

    #[undo(activity)]
    async fn undo_activity(&self) -> ::core::result::Result<(), ::annals::saga::StepError<::core::convert::Infallible>> {
        ::core::result::Result::Ok(())
    }

    #[wait]
    fn wait(_event: &OrderEvent) -> ::core::option::Option<::core::result::Result<u64, ::core::convert::Infallible>> {
        ::core::option::Option::None
    }

    #[failure]
    fn build(&mut self, _failure: &::annals::saga::Failure) {}
}

struct Rows;

#[::annals::projection(sqlite)]
impl Rows {
    #[setup]
    fn setup(_tx: &::annals::sqlite::Transaction<'_>) -> ::core::result::Result<(), ::annals::sqlite::Error> {
        ::core::result::Result::Ok(())
    }

    #[on]
    fn apply(
        &self,
        _event: &OrderEvent,
        _tx: &::annals::sqlite::Transaction<'_>,
    ) -> ::core::result::Result<(), ::annals::sqlite::Error> {
        ::core::result::Result::Ok(())
    }
}
