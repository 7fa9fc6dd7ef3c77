//! Nothing at all is in scope.
#![no_implicit_prelude]

#[derive(::annals::Event)]
enum OrderEvent {
    #[event(version = 2, upcast = [keep])]
    Placed {
        #[tag]
        total: u64,
        #[tag]
        voucher: ::core::option::Option<u64>,
    },
    Paid(Body),
    Cancelled,
}

fn keep(body: ::annals::Json) -> ::core::result::Result<::annals::Json, ::annals::UpcastError> {
    ::core::result::Result::Ok(body)
}

#[derive(::serde::Serialize, ::serde::Deserialize)]
struct Body {}

#[derive(::annals::Command)]
struct PlaceOrder {
    #[id]
    order: ::std::string::String,
}

#[::annals::aggregate(id = ::std::string::String, event = OrderEvent)]
#[derive(::core::default::Default)]
struct Order;

#[::annals::aggregate]
impl Order {
    #[prepare]
    async fn price(_command: &PlaceOrder, _price: &u64) -> ::core::result::Result<u64, ::std::fmt::Error> {
        ::core::result::Result::Ok(1)
    }

    #[command]
    fn place(&self, _command: &PlaceOrder, _price: &u64) -> ::core::result::Result<OrderEvent, ::std::fmt::Error> {
        ::core::result::Result::Ok(OrderEvent::Cancelled)
    }

    #[command(PayOrder)]
    fn pay(&self, total: ::core::option::Option<u64>) -> ::core::result::Result<OrderEvent, ::std::fmt::Error> {
        ::annals::ensure!(total.is_some(), ::std::fmt::Error);
        ::core::result::Result::Ok(OrderEvent::Cancelled)
    }

    #[event]
    fn evolve(&mut self, _event: &OrderEvent) {}
}

#[derive(::core::default::Default, ::serde::Serialize, ::serde::Deserialize)]
struct Revenue;

#[::annals::projection]
impl Revenue {
    #[on]
    fn order(&mut self, _event: &OrderEvent) {}

    #[key]
    fn key(_event: &OrderEvent, _context: &::annals::EventContext<'_>) -> ::core::option::Option<::std::string::String> {
        ::core::option::Option::None
    }
}

#[derive(::core::default::Default, ::serde::Serialize, ::serde::Deserialize)]
struct Stream;

#[::annals::projection(per_stream)]
impl Stream {
    #[on]
    fn order(&mut self, _event: &OrderEvent) {}
}

#[derive(::serde::Serialize, ::serde::Deserialize)]
struct Checkout;

#[::annals::saga(deadline = "1h")]
impl Checkout {
    #[start]
    fn begin(_event: &OrderEvent) -> ::core::option::Option<Self> {
        ::core::option::Option::None
    }

    #[key]
    fn key(_event: &OrderEvent, _context: &::annals::EventContext<'_>) -> ::core::option::Option<::std::string::String> {
        ::core::option::Option::None
    }

    #[step]
    fn place(&self) -> ::core::option::Option<PlaceOrder> {
        ::core::option::Option::None
    }

    #[undo(place)]
    fn take_back(&self) -> ::std::vec::Vec<PlaceOrder> {
        ::std::vec::Vec::new()
    }

    #[step(retry(attempts = 2, longest = "1s"), timeout = "5s")]
    async fn charge(
        &self,
        _gateway: &u64,
        _key: ::annals::saga::IdempotencyKey,
        _call: &::annals::saga::Call<Self>,
    ) -> ::core::result::Result<u64, ::annals::saga::StepError<::core::convert::Infallible>> {
        ::core::result::Result::Ok(1)
    }

    #[outcome(charge)]
    fn charged(&mut self, _payment: &u64) {}

    #[undo(charge)]
    async fn refund(&self) -> ::core::result::Result<(), ::annals::saga::StepError<::core::convert::Infallible>> {
        ::core::result::Result::Ok(())
    }

    #[wait(or_after = "1d")]
    fn paid(_event: &OrderEvent) -> ::core::option::Option<::core::result::Result<u64, ::core::convert::Infallible>> {
        ::core::option::Option::None
    }

    #[outcome(paid)]
    fn noted(&mut self, _payment: ::core::option::Option<u64>) {}

    #[failure(place)]
    fn failed(&mut self, _failure: &::annals::saga::Failure) {}
}

#[derive(::serde::Serialize, ::serde::Deserialize)]
struct Fulfilment;

#[::annals::saga(manual)]
impl Fulfilment {
    #[on]
    fn order(&mut self, _event: &OrderEvent, _context: &::annals::EventContext<'_>) -> ::core::option::Option<PlaceOrder> {
        ::core::option::Option::None
    }

    #[rejected]
    fn refused(&mut self, _command: &PlaceOrder, _error: &::std::fmt::Error) {}
}

struct Rows;

#[::annals::projection(sqlite)]
impl Rows {
    #[setup]
    fn tables(_tx: &::annals::sqlite::Transaction<'_>) -> ::core::result::Result<(), ::annals::sqlite::Error> {
        ::core::result::Result::Ok(())
    }

    #[on]
    fn order(
        &self,
        _event: &OrderEvent,
        _tx: &::annals::sqlite::Transaction<'_>,
    ) -> ::core::result::Result<(), ::annals::sqlite::Error> {
        ::core::result::Result::Ok(())
    }
}
