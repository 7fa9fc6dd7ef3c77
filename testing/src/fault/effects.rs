//! What appends write besides events: nothing is planned for it, but a program that has crashed does not reach it.

use annals_core::store::{Inbox, Keys, Message, Outbox, QueueName, ReadError, ReservedKeyName, Timer, Timers};
use annals_core::{Category, MessageId, StreamId, Timestamp};
use async_trait::async_trait;

use super::FaultStore;

const DECLARED: &str = "a store is asked only for what it has";

impl FaultStore {
    async fn while_alive<T>(&self, act: impl Future<Output = Result<T, ReadError>>) -> Result<T, ReadError> {
        self.check_alive()?;
        self.while_busy(act).await
    }
}

#[async_trait]
impl Timers for FaultStore {
    async fn due(&self, category: &Category, now: Timestamp, limit: usize) -> Result<Vec<Timer>, ReadError> {
        self.while_alive(self.sound().timers().expect(DECLARED).due(category, now, limit)).await
    }

    async fn next_due(&self, category: &Category, now: Timestamp) -> Result<Option<Timestamp>, ReadError> {
        self.while_alive(self.sound().timers().expect(DECLARED).next_due(category, now)).await
    }

    async fn of(&self, owner: &StreamId) -> Result<Vec<Timer>, ReadError> {
        self.while_alive(self.sound().timers().expect(DECLARED).of(owner)).await
    }
}

#[async_trait]
impl Outbox for FaultStore {
    async fn pending(&self, queue: &QueueName, limit: usize) -> Result<Vec<Message>, ReadError> {
        self.while_alive(self.sound().outbox().expect(DECLARED).pending(queue, limit)).await
    }

    async fn settle(&self, queue: &QueueName, messages: &[MessageId]) -> Result<(), ReadError> {
        self.while_alive(self.sound().outbox().expect(DECLARED).settle(queue, messages)).await
    }
}

#[async_trait]
impl Inbox for FaultStore {
    async fn is_marked(&self, consumer: &QueueName, message: MessageId) -> Result<bool, ReadError> {
        self.while_alive(self.sound().inbox().expect(DECLARED).is_marked(consumer, message)).await
    }
}

#[async_trait]
impl Keys for FaultStore {
    async fn owner(&self, key: &ReservedKeyName) -> Result<Option<StreamId>, ReadError> {
        self.while_alive(self.sound().keys().expect(DECLARED).owner(key)).await
    }
}
