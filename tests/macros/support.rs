use annals::{
    AppendId, CorrelationId, Event, EventId, LogId, Metadata, NewEvent, Position, RecordedEvent, StreamId, Timestamp, Version,
};

/// What a store gives back for `event`.
pub(crate) fn record<E: Event>(stream: (&str, &str), event: &E) -> RecordedEvent {
    let metadata = Metadata::new(Timestamp::EPOCH, CorrelationId::from_bytes([1; 16])).encode();
    let event = NewEvent::new(EventId::from_bytes([2; 16]), event, &metadata).unwrap();
    RecordedEvent {
        log: LogId::default(),
        position: Position::new(1).unwrap(),
        stream: StreamId::new(stream.0, stream.1).unwrap(),
        version: Version::new(1).unwrap(),
        id: event.id,
        append_id: AppendId::from_bytes([3; 16]),
        name: event.name,
        schema_version: event.schema_version,
        payload: event.payload,
        metadata: event.metadata,
        tags: event.tags,
        recorded_at: Timestamp::EPOCH,
    }
}
