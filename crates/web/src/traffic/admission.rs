//! Admission: how many requests of a class are worked on at once. Whoever comes when all places are taken waits a moment. While nobody
//! waits long, the oldest goes first, and all are served; once the oldest has waited for half of what one may, the newest goes first,
//! because it is of the most use, and whoever has waited too long is told to come back (503). So a server that is asked for more than it
//! can do keeps doing what it can, in little time, and its memory does not grow with what it is asked.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::oneshot;
use tokio::time::timeout;

/// The places of one class.
#[derive(Debug)]
pub struct Admission {
    places: usize,
    most_waiting: usize,
    patience: Duration,
    /// When the oldest has waited for so long, the newest goes first.
    late_after: Duration,
    state: Mutex<State>,
    shed: AtomicU64,
}

#[derive(Debug, Default)]
struct State {
    taken: usize,
    /// Who waits, in the order in which they came.
    waiting: VecDeque<Waiting>,
}

#[derive(Debug)]
struct Waiting {
    since: Instant,
    turn: oneshot::Sender<Place>,
}

/// A place; dropping it gives it to the next.
#[derive(Debug)]
pub struct Place(Option<Arc<Admission>>);

/// No place in time.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Shed;

impl Admission {
    /// With so many places, and so many that may wait for one, so long.
    pub fn new(places: usize, most_waiting: usize, patience: Duration) -> Arc<Self> {
        Self::with((places, most_waiting), patience, patience / 2)
    }

    fn with((places, most_waiting): (usize, usize), patience: Duration, late_after: Duration) -> Arc<Self> {
        let state = Mutex::default();
        Arc::new(Self {
            places: places.max(1),
            most_waiting,
            patience,
            late_after,
            state,
            shed: AtomicU64::new(0),
        })
    }

    /// A place, now or within the time that one may wait.
    pub async fn enter(self: &Arc<Self>) -> Result<Place, Shed> {
        let given = {
            let mut state = self.state();
            if state.taken < self.places {
                state.taken += 1;
                return Ok(Place(Some(Arc::clone(self))));
            }
            state.forget_who_gave_up();
            if state.waiting.len() >= self.most_waiting {
                // Dropping it tells the oldest.
                state.waiting.pop_front();
            }
            let (turn, given) = oneshot::channel();
            if self.most_waiting > 0 {
                state.waiting.push_back(Waiting { since: Instant::now(), turn });
            }
            given
        };
        if let Ok(Ok(place)) = timeout(self.patience, given).await {
            return Ok(place);
        }
        self.shed.fetch_add(1, Ordering::Relaxed);
        Err(Shed)
    }

    /// Places that are taken, and requests that wait for one.
    pub fn load(&self) -> (usize, usize) {
        let state = self.state();
        (state.taken, state.waiting.iter().filter(|waiting| !waiting.turn.is_closed()).count())
    }

    /// Requests that got none so far.
    pub fn shed(&self) -> u64 {
        self.shed.load(Ordering::Relaxed)
    }

    /// Who is next: the oldest, or the newest once the oldest has waited for so long that many behind it would wait in vain.
    fn next(&self, state: &mut State) -> Option<oneshot::Sender<Place>> {
        state.forget_who_gave_up();
        let is_late = state.waiting.front()?.since.elapsed() >= self.late_after;
        let next = if is_late { state.waiting.pop_back() } else { state.waiting.pop_front() };
        next.map(|waiting| waiting.turn)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Who gave up stands at the front sooner or later, and counts no more.
    fn forget_who_gave_up(&mut self) {
        while self.waiting.front().is_some_and(|oldest| oldest.turn.is_closed()) {
            self.waiting.pop_front();
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let Some(admission) = self.0.take() else { return };
        loop {
            let next = {
                let mut state = admission.state();
                let next = admission.next(&mut state);
                if next.is_none() {
                    state.taken -= 1;
                }
                next
            };
            let Some(next) = next else { return };
            match next.send(Place(Some(Arc::clone(&admission)))) {
                Ok(()) => return,
                // It waits no more: the place is not its own to give back.
                Err(mut unused) => unused.0 = None,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::future::Future;
    use std::pin::pin;
    use std::task::{Context, Poll, Waker};

    const LONG: Duration = Duration::from_secs(3600);

    fn poll<F: Future>(future: std::pin::Pin<&mut F>) -> Poll<F::Output> {
        future.poll(&mut Context::from_waker(Waker::noop()))
    }

    /// Of one place, where whoever waits is late at once.
    fn late(most_waiting: usize) -> Arc<Admission> {
        Admission::with((1, most_waiting), LONG, Duration::ZERO)
    }

    #[tokio::test]
    async fn while_nobody_waits_long_the_oldest_goes_first() {
        let admission = Admission::new(1, 4, LONG);
        let first = admission.enter().await.unwrap();
        let (mut second, mut third) = (pin!(admission.enter()), pin!(admission.enter()));
        assert!(poll(second.as_mut()).is_pending());
        assert!(poll(third.as_mut()).is_pending());
        drop(first);
        assert!(poll(third.as_mut()).is_pending());
        assert!(matches!(poll(second.as_mut()), Poll::Ready(Ok(_))));
    }

    #[test]
    fn who_gave_up_makes_nobody_late() {
        let admission = Admission::new(1, 4, LONG);
        let long_ago = Instant::now().checked_sub(LONG).unwrap();
        let mut state = State::default();
        let (gone, _) = oneshot::channel();
        let ((oldest, mut told), (newest, _kept)) = (oneshot::channel(), oneshot::channel());
        state.waiting.push_back(Waiting { since: long_ago, turn: gone });
        for turn in [oldest, newest] {
            state.waiting.push_back(Waiting { since: Instant::now(), turn });
        }
        assert!(admission.next(&mut state).unwrap().send(Place(None)).is_ok());
        assert!(told.try_recv().is_ok(), "it came first, a moment ago");
    }

    /// Whose turn it is when the one that came first has waited for so long.
    fn newest_is_next_after(waited: Duration) -> bool {
        let admission = Admission::new(1, 4, LONG);
        let since = Instant::now().checked_sub(waited).unwrap();
        let mut state = State::default();
        let ((oldest, mut first), (newest, mut last)) = (oneshot::channel(), oneshot::channel());
        state.waiting.push_back(Waiting { since, turn: oldest });
        state.waiting.push_back(Waiting { since: Instant::now(), turn: newest });
        assert!(admission.next(&mut state).unwrap().send(Place(None)).is_ok());
        assert_ne!(first.try_recv().is_ok(), last.try_recv().is_ok(), "one of them has it");
        state.waiting.front().is_some_and(|left| left.since == since)
    }

    #[test]
    fn half_of_what_one_may_wait_is_long() {
        assert!(!newest_is_next_after(LONG / 2 - Duration::from_secs(600)));
        assert!(newest_is_next_after(LONG / 2));
    }

    #[tokio::test]
    async fn once_one_waits_long_the_newest_goes_first_and_the_oldest_is_shed() {
        let admission = late(2);
        let first = admission.enter().await.unwrap();
        let (mut second, mut third, mut fourth) =
            (pin!(admission.enter()), pin!(admission.enter()), pin!(admission.enter()));
        assert!(poll(second.as_mut()).is_pending());
        assert!(poll(third.as_mut()).is_pending());
        assert_eq!(admission.load(), (1, 2));
        assert!(poll(fourth.as_mut()).is_pending());
        assert!(matches!(poll(second.as_mut()), Poll::Ready(Err(Shed))), "no room for it any more");
        drop(first);
        assert!(poll(third.as_mut()).is_pending());
        let Poll::Ready(Ok(place)) = poll(fourth.as_mut()) else { panic!("the newest has its place") };
        drop(place);
        assert!(matches!(poll(third.as_mut()), Poll::Ready(Ok(_))));
        assert_eq!((admission.load(), admission.shed()), ((0, 0), 1));
    }

    #[tokio::test]
    async fn who_gave_up_keeps_no_place() {
        let admission = Admission::new(1, 4, LONG);
        let first = admission.enter().await.unwrap();
        let mut second = pin!(admission.enter());
        assert!(poll(second.as_mut()).is_pending());
        {
            let mut third = pin!(admission.enter());
            assert!(poll(third.as_mut()).is_pending());
        }
        drop(first);
        let Poll::Ready(Ok(place)) = poll(second.as_mut()) else { panic!("the one before has it") };
        assert_eq!(admission.load(), (1, 0));
        // One that was given its place and dropped before it looked gives it on.
        {
            let mut fourth = pin!(admission.enter());
            assert!(poll(fourth.as_mut()).is_pending());
            drop(place);
            assert_eq!(admission.load(), (1, 0));
        }
        assert_eq!(admission.load(), (0, 0));
    }

    #[tokio::test]
    async fn the_place_of_a_newest_who_gave_up_is_the_next_ones_and_is_given_once() {
        let admission = late(4);
        let first = admission.enter().await.unwrap();
        let (mut second, mut third) = (pin!(admission.enter()), pin!(admission.enter()));
        assert!(poll(second.as_mut()).is_pending());
        assert!(poll(third.as_mut()).is_pending());
        {
            let mut newest = pin!(admission.enter());
            assert!(poll(newest.as_mut()).is_pending());
        }
        drop(first);
        let Poll::Ready(Ok(place)) = poll(third.as_mut()) else { panic!("it is the newest that waits") };
        assert!(poll(second.as_mut()).is_pending(), "there is one place");
        assert_eq!(admission.load(), (1, 1));
        drop(place);
        assert!(matches!(poll(second.as_mut()), Poll::Ready(Ok(_))));
        assert_eq!(admission.load(), (0, 0));
    }

    #[tokio::test]
    async fn there_is_a_place_whatever_is_asked_for() {
        assert!(Admission::new(0, 0, LONG).enter().await.is_ok());
    }

    #[tokio::test]
    async fn who_waits_too_long_is_told_so() {
        let admission = Admission::new(1, 4, Duration::ZERO);
        let first = admission.enter().await.unwrap();
        assert_eq!(admission.enter().await.unwrap_err(), Shed);
        drop(first);
        assert!(admission.enter().await.is_ok());
    }

    #[tokio::test]
    async fn without_room_to_wait_nobody_waits() {
        let admission = Admission::new(1, 0, LONG);
        let first = admission.enter().await.unwrap();
        assert_eq!(admission.enter().await.unwrap_err(), Shed);
        drop(first);
    }
}
