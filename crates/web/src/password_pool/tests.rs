//! The password threads: that they stand back, get somewhere, end, and do nothing that nobody waits for.

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
    let (answer, found) = oneshot::channel();
    pool.send(Job::Hash("one".into(), answer)).unwrap();
    assert!(pool.is_full());
    assert_eq!(pool.hash("two".into()).await, Err(Busy));
    drop(pool);
    assert!(found.await.is_err());
}
