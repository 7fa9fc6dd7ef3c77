//! Group commit: appends that are in flight together share transactions.
//!
//! An append that finds a lane idle is sent at once. While all lanes are busy, appends wait; a lane that comes back takes
//! what waits, up to the limits of a batch. So batches are as small as the load allows, and grow with it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use annals_core::store::{Append, AppendError, Appended};
use sqlx::Postgres;
use sqlx::pool::PoolConnection;
use tokio::runtime::Handle;
use tokio::sync::Semaphore;

use crate::connection::pause;
use crate::error::Fault;
use crate::job::Job;
use crate::lane::{Kept, Lane};
use crate::led::{Leader, Led};
use crate::queue::{Most, Queue};
use crate::unit::Unit;

/// After how long without use a lane's connection goes back to the pool, at least. At most it is twice that.
const IDLE: Duration = Duration::from_millis(100);

/// How often a lane lets others go first, so that they may come back, before it takes what waits.
const YIELDS: usize = 8;

/// Bytes of a batch, as it is sent.
const BYTES: usize = 8 << 20;

/// The same, where connections are encrypted: what fits into one record of TLS, which holds 16 KiB, with the rest of the
/// message.
///
/// Each record is a write of its own, and sqlx 0.9 neither joins them nor switches Nagle's algorithm off (its sockets
/// cannot be reached from here): the last of several would wait for the server to acknowledge those before it, which it
/// does after some 40 ms.
const RECORD: usize = (16 << 10) - 1_024;

/// How much travels together.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Measures {
    /// Batches in flight.
    pub(crate) lanes: usize,
    /// Appends of a batch.
    pub(crate) batch: usize,
    /// Appends that wait, those in flight included. Who comes later waits for a place.
    pub(crate) queue: usize,
    /// Whether connections are encrypted.
    pub(crate) is_encrypted: bool,
}

impl Measures {
    fn most(&self) -> Most {
        Most { appends: self.batch, bytes: if self.is_encrypted { RECORD } else { BYTES } }
    }
}

/// The way of appends to the server.
pub(crate) struct Committer {
    shared: Arc<Shared>,
    places: Arc<Semaphore>,
}

/// What the lanes have in common.
pub(crate) struct Shared {
    queue: Mutex<Queue>,
    lane: Lane,
    measures: Measures,
    runtime: Handle,
}

impl Committer {
    pub(crate) fn new(lane: Lane, measures: Measures, runtime: Handle) -> Self {
        let places = Arc::new(Semaphore::new(measures.queue));
        Self { shared: Arc::new(Shared { queue: Mutex::default(), lane, measures, runtime }), places }
    }

    /// Refuses what comes later.
    pub(crate) fn close(&self) {
        self.places.close();
        let parked = {
            let mut queue = self.shared.queue();
            queue.is_closed = true;
            std::mem::take(&mut queue.parked)
        };
        self.shared.give_back(parked);
    }

    pub(crate) async fn append(&self, append: Append) -> Result<Appended, AppendError> {
        let doing = "append";
        let unit = Unit::new(append);
        let place = Arc::clone(&self.places).acquire_owned().await;
        let place = place.map_err(|_| AppendError::NotStored(Fault::Closed.failure(doing)))?;
        let (job, outcome) = Job::new(unit, place);
        let told = match self.shared.push(job) {
            Pushed::Leads(lane, led, batch) => Leader::new(led, Box::pin(lane.serve(Some(batch))), outcome).await,
            Pushed::Opens(lane) => {
                // The lane is open from here on, also if the runtime has ended and drops what it should run.
                self.shared.runtime.spawn(lane.serve(None));
                outcome.await
            }
            Pushed::Waits => outcome.await,
        };
        // The runtime ended while the append was on its way: nobody can say how far it came.
        told.unwrap_or_else(|_| Err(AppendError::Unknown(Fault::Closed.failure(doing))))
    }
}

/// What comes of queueing an append.
enum Pushed {
    /// A lane is idle and nobody else is there: the caller sends it.
    Leads(OpenLane, Arc<Led>, Batch),
    /// A lane has been opened, which has to be served.
    Opens(OpenLane),
    /// A lane that is open will take it.
    Waits,
}

impl Shared {
    fn queue(&self) -> MutexGuard<'_, Queue> {
        // Nothing that holds it can panic halfway through a change.
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn push(self: &Arc<Self>, job: Job) -> Pushed {
        // Connections of the store live on its runtime.
        let is_at_home = Handle::try_current().is_ok_and(|current| current.id() == self.runtime.id());
        let mut queue = self.queue();
        if is_at_home && queue.may_open(self.measures.lanes) && queue.is_free_for(&job.unit.footprint) {
            // Without a connection the caller would wait for one, perhaps before somebody who polls.
            if let Some(connection) = queue.reuse() {
                let led = Led::new(self.runtime.clone());
                queue.lanes += 1;
                queue.depart(&job.unit.footprint);
                queue.led.push(Arc::clone(&led));
                drop(queue);
                let mut lane = OpenLane::new(Arc::clone(self));
                (lane.led, lane.kept) = (Some(Arc::clone(&led)), Some(connection));
                let batch = lane.batch(vec![job]);
                return Pushed::Leads(lane, led, batch);
            }
        }
        let opens = queue.push(job, self.measures.lanes);
        let led = std::mem::take(&mut queue.led);
        drop(queue);
        // Somebody waits now, who must not depend on how others are polled.
        led.iter().for_each(|led| led.hand_over());
        if opens { Pushed::Opens(OpenLane::new(Arc::clone(self))) } else { Pushed::Waits }
    }

    /// Opens a lane for what waits, if there is one.
    pub(crate) fn open(self: &Arc<Self>) {
        if self.queue().open(self.measures.lanes) {
            self.runtime.spawn(OpenLane::new(Arc::clone(self)).serve(None));
        }
    }

    /// Gives connections back to the pool, which starts a task for that.
    fn give_back(&self, connections: Vec<PoolConnection<Postgres>>) {
        if !connections.is_empty() {
            let _inside = self.runtime.enter();
            drop(connections);
        }
    }
}

/// Appends on their way. However that ends, what they touch is given free.
pub(crate) struct Batch {
    jobs: Vec<Job>,
    shared: Arc<Shared>,
}

impl Batch {
    pub(crate) fn jobs(&self) -> &[Job] {
        &self.jobs
    }

    /// Takes the second half away.
    pub(crate) fn split_off(&mut self) -> Self {
        Self { jobs: self.jobs.split_off(self.jobs.len() / 2), shared: Arc::clone(&self.shared) }
    }

    /// What its lane shares with others.
    pub(crate) fn shared(&self) -> Arc<Shared> {
        Arc::clone(&self.shared)
    }

    /// Lets those go that wait for something that has arrived, while these are still on their way.
    pub(crate) fn let_others_go(&self) {
        self.shared.open();
    }

    /// Lets the runtime do what is left to be done: it takes longer now, and nobody knows how long the caller will be there.
    pub(crate) async fn leave_caller(&self) {
        let led = std::mem::take(&mut self.shared.queue().led);
        led.iter().for_each(|led| led.hand_over());
        tokio::task::yield_now().await;
    }

    /// Takes those that wait, to tell them that they wait for nothing.
    pub(crate) fn take_waiting(&self) -> Vec<Job> {
        self.shared.queue().clear()
    }

    /// Ends the way of these appends: the server is done with them.
    pub(crate) fn arrive(mut self) -> Vec<Job> {
        let jobs = std::mem::take(&mut self.jobs);
        self.shared.queue().arrive(jobs.iter().map(|job| &job.unit.footprint));
        jobs
    }
}

impl Drop for Batch {
    fn drop(&mut self) {
        if !self.jobs.is_empty() {
            self.shared.queue().arrive(self.jobs.iter().map(|job| &job.unit.footprint));
        }
    }
}

/// A lane that is open.
struct OpenLane {
    shared: Arc<Shared>,
    /// If its caller does its work, or did.
    led: Option<Arc<Led>>,
    kept: Kept,
    /// It counts among those that gather.
    gathers: bool,
    is_closed: bool,
}

impl OpenLane {
    fn new(shared: Arc<Shared>) -> Self {
        Self { shared, led: None, kept: None, gathers: false, is_closed: false }
    }

    /// Sends batches until nothing is left to send.
    async fn serve(mut self, first: Option<Batch>) {
        let mut next = first.or_else(|| self.take());
        while let Some(batch) = next {
            let appends = batch.jobs().len();
            self.shared.lane.run(batch, &mut self.kept).await;
            if appends > 1 {
                self.gather(appends).await;
            }
            next = self.take();
            if appends > 1 {
                // Nobody opened one meanwhile.
                self.shared.open();
            }
        }
    }

    /// Lets so many who were answered come back, if they do so at once, so that they travel together again. Else the first one
    /// would go alone, and all others would wait for the disk twice.
    async fn gather(&mut self, answered: usize) {
        self.gathers = true;
        let mut waiting = self.shared.queue().gather();
        // Others come too while these do, or keep coming: nobody waits for those.
        let enough = (waiting + answered).min(self.shared.measures.batch);
        for _ in 0..YIELDS {
            if waiting >= enough {
                break;
            }
            tokio::task::yield_now().await;
            let before = std::mem::replace(&mut waiting, self.shared.queue().waiting());
            if waiting <= before {
                break;
            }
        }
        self.gathers = false;
        self.shared.queue().gathering -= 1;
    }

    fn batch(&self, jobs: Vec<Job>) -> Batch {
        Batch { jobs, shared: Arc::clone(&self.shared) }
    }

    /// Takes the next batch. None: there is nothing to send, and the lane is closed.
    fn take(&mut self) -> Option<Batch> {
        let mut queue = self.shared.queue();
        if let Some(jobs) = queue.take_or_close(self.shared.measures.most()) {
            // Before one is taken from the pool: so no more are parked than there are lanes.
            if self.kept.is_none() {
                self.kept = queue.reuse();
            }
            drop(queue);
            return Some(self.batch(jobs));
        }
        self.is_closed = true;
        if let Some(led) = self.led.take() {
            queue.led.retain(|other| !Arc::ptr_eq(other, &led));
        }
        if let Some(connection) = self.kept.take_if(|_| !queue.is_closed && !self.shared.lane.pool.is_closed()) {
            queue.parked.push(connection);
            if !std::mem::replace(&mut queue.is_swept, true) {
                self.shared.runtime.spawn(sweep(Arc::downgrade(&self.shared)));
            }
        }
        None
    }
}

impl Drop for OpenLane {
    /// Where the runtime ended, or by a bug of ours, a lane ends before its work. If it was the last one, nobody would serve
    /// what waits: then whoever waits is told, by the end of the way of the answer.
    fn drop(&mut self) {
        if !self.is_closed {
            let mut queue = self.shared.queue();
            queue.lanes -= 1;
            queue.gathering -= usize::from(self.gathers);
            let left = if queue.lanes == 0 { queue.clear() } else { Vec::new() };
            // Not under the lock: who is told may append at once.
            drop(queue);
            drop(left);
        }
    }
}

/// Gives connections back to the pool that nobody has used for a while, and takes work from callers that do not do it.
async fn sweep(shared: Weak<Shared>) {
    let (mut before, mut at_work): (_, Vec<Arc<Led>>) = (None, Vec::new());
    loop {
        pause(IDLE).await;
        let Some(shared) = shared.upgrade() else { return };
        at_work.iter().for_each(|led| led.hand_over());
        let mut queue = shared.queue();
        if before == Some(queue.reused) || queue.is_closed {
            queue.is_swept = false;
            let (parked, led) = (std::mem::take(&mut queue.parked), std::mem::take(&mut queue.led));
            drop(queue);
            led.iter().for_each(|led| led.hand_over());
            return shared.give_back(parked);
        }
        before = Some(queue.reused);
        at_work.clone_from(&queue.led);
    }
}
