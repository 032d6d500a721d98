//! The password threads: that they stand back, get somewhere, end, and do nothing that nobody waits for.

use tokio::sync::oneshot::error::TryRecvError;

use super::*;

async fn fits(pool: &PasswordPool, typed: &str) -> bool {
    pool.verify(typed.into(), password::DUMMY.to_owned()).await.unwrap().fits
}

#[tokio::test]
async fn threads_work_when_no_other_wants_to() {
    let pool = PasswordPool::new(1, 4);
    assert!(!fits(&pool, "anything").await);
    if !cfg!(target_os = "linux") {
        return;
    }
    let mut policies = std::fs::read_dir("/proc/self/task").unwrap().filter_map(|task| {
        let task = task.unwrap().path();
        let name = std::fs::read_to_string(task.join("comm")).ok()?;
        let stat = std::fs::read_to_string(task.join("stat")).ok()?;
        // After the name in parentheses; the state is field 3, the policy field 41 (proc_pid_stat(5)).
        let policy = stat.rsplit_once(')')?.1.split_whitespace().nth(38)?.to_owned();
        (name.trim() == "password-0").then_some(policy)
    });
    assert!(policies.any(|policy| policy == "5"), "SCHED_IDLE");
}

#[tokio::test]
async fn threads_that_get_nowhere_keep_nobody_out() {
    let pool = PasswordPool::with(0, 4, Duration::from_millis(1));
    assert!(!fits(&pool, "anything").await);
    assert!(!fits(&pool, "anything").await);
    assert_eq!((pool.verified(), pool.waiting().load(Ordering::Relaxed)), (2, 0));
}

#[tokio::test]
async fn a_full_queue_is_told_and_one_that_ends_leaves_nobody_waiting() {
    let pool = PasswordPool::with(0, 1, Duration::from_secs(3600));
    let (answer, mut found) = oneshot::channel();
    assert!(!pool.is_full());
    pool.send(Job::Hash("one".into(), answer)).unwrap();
    assert!(pool.is_full());
    assert_eq!(pool.hash("two".into()).await, Err(Busy));
    // A thread that is at work yet, and looks at the queue later.
    let late = Arc::clone(&pool.shared);
    assert_eq!(found.try_recv(), Err(TryRecvError::Empty));
    drop(pool);
    assert_eq!(found.try_recv(), Err(TryRecvError::Closed));
    drop(late);
}

#[test]
fn threads_end_with_their_pool() {
    let pool = PasswordPool::new(2, 4);
    let shared = Arc::downgrade(&pool.shared);
    drop(pool);
    // Sooner than they would look by themselves.
    let soon = Instant::now() + ARENA_KEPT - Duration::from_secs(5);
    while shared.strong_count() > 0 {
        assert!(Instant::now() < soon, "a thread goes on without its pool");
        std::thread::yield_now();
    }
}

#[test]
fn threads_that_wait_are_woken_at_the_end() {
    let mut pool = PasswordPool::with(0, 1, Duration::from_secs(3600));
    // This thread in the place of the one that looks after the others, and another one that waits for work.
    let replaced = pool.watch.replace(std::thread::current());
    let shared = Arc::clone(&pool.shared);
    let (waits, is_waiting) = std::sync::mpsc::channel();
    let waiting = std::thread::spawn(move || {
        let queue = shared.queue();
        waits.send(()).unwrap();
        drop(shared.came.wait_timeout_while(queue, ARENA_KEPT, |queue| !queue.is_closed));
    });
    is_waiting.recv().unwrap();
    let began = Instant::now();
    drop(pool);
    std::thread::park_timeout(ARENA_KEPT);
    waiting.join().unwrap();
    assert!(began.elapsed() < ARENA_KEPT, "nobody was left to wait");
    replaced.unwrap().unpark();
}

#[test]
fn work_that_nobody_waits_for_is_not_done() {
    let pool = PasswordPool::with(0, 4, Duration::from_secs(3600));
    let mut worker = Worker::default();
    let (verify, hash, judge) = (oneshot::channel(), oneshot::channel(), oneshot::channel());
    let jobs = |verify, hash, judge| {
        [
            Job::Verify("one".into(), password::DUMMY.to_owned(), verify),
            Job::Hash("one".into(), hash),
            Job::Judge("one".into(), 8, Vec::new(), judge),
        ]
    };
    drop((verify.1, hash.1, judge.1));
    for job in jobs(verify.0, hash.0, judge.0) {
        pool.shared.finish(job, &mut worker);
    }
    assert_eq!((pool.verified(), pool.chosen()), (0, 0));
    let (verify, hash, judge) = (oneshot::channel(), oneshot::channel(), oneshot::channel());
    for job in jobs(verify.0, hash.0, judge.0) {
        pool.shared.finish(job, &mut worker);
    }
    assert_eq!((pool.verified(), pool.chosen()), (1, 2));
    assert_eq!(pool.shared.done.load(Ordering::Relaxed), 6, "each of them is off the queue");
}

#[test]
fn only_another_systems_hash_makes_refusals_slow() {
    let pool = PasswordPool::with(0, 4, Duration::from_secs(3600));
    let mut worker = Worker::default();
    let mut verified = |stored: &str| {
        let (answer, mut found) = oneshot::channel();
        pool.shared.finish(Job::Verify("one".into(), stored.to_owned(), answer), &mut worker);
        found.try_recv().unwrap()
    };
    let ours = verified(password::DUMMY);
    assert!(!ours.fits && !ours.worked.is_zero());
    assert_eq!(pool.owed(Duration::ZERO), Duration::ZERO);
    let others = verified("ez$1$922b7526b413b6a223c7f4d1deb69c2b");
    assert_eq!(pool.owed(Duration::ZERO), others.worked);
    assert_eq!(pool.owed(others.worked), Duration::ZERO);
}
