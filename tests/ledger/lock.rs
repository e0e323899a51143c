//! The lock and the records by themselves: contention, dead holders, lost answers, what is not ours.

use crate::bench::{CALLER, MINUTE, account, endings, history, holder, raw, rule, take, whole, write};
use auditscope::aws::Stop;
use auditscope::aws::store::{If, Put};
use auditscope::engine::ledger::{
    self, Ending, Held, LedgerError, Lock, Record, State, append, look, settle, unlock,
};
use auditscope::sandbox::faults::Kind as Fault;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

#[tokio::test]
async fn one_holds_it_and_the_other_is_told_who() {
    let account = account().await;
    let lock = take(&account, Duration::ZERO).await.expect("free");
    let error = take(&account, Duration::ZERO).await.expect_err("held");
    let LedgerError::Locked(held) = &error else { panic!("{error}") };
    assert_eq!(held.holder.id, lock.holder().id);
    for part in
        ["apply", CALLER, "runner", "since 2026-01-01T00:01:00Z", "its lease ends at 2026-01-01T00:11:00Z"]
    {
        assert!(error.to_string().contains(part), "{part}: {error}");
    }
    assert!(error.hint().contains(&format!("unlock FILE {}", held.holder.id)), "{}", error.hint());
    lock.free().await.expect("ours");
    assert!(matches!(look(&account.run.store(false)).await.expect("readable").0, State::Free { .. }));
    take(&account, Duration::ZERO).await.expect("free again");
}

#[tokio::test]
async fn whoever_waits_gets_it_once_it_is_free() {
    let account = account().await;
    let lock = take(&account, Duration::ZERO).await.expect("free");
    let told = Mutex::new(Vec::new());
    let waiting = |held: &Held| told.lock().expect("not poisoned").push(held.told());
    let store = account.run.store(false);
    let candidate = holder(&store);
    let stop = Stop::default();
    let second = Box::pin(Lock::take(store, candidate, 10 * MINUTE, &stop, &waiting));
    let first = async {
        account.run.session().clock().sleep(Duration::from_secs(95)).await;
        lock.free().await
    };
    let (second, first) = tokio::join!(second, first);
    first.expect("ours");
    assert!(second.expect("free").holder().pending.is_empty());
    assert_eq!(told.into_inner().expect("not poisoned").len(), 1, "told once");
    let waited = account.sandbox.now().as_second() - 1_767_225_600 - 60;
    assert!((95..=110).contains(&waited), "looked again within ten seconds: {waited}");
}

#[tokio::test]
async fn the_lock_of_a_dead_run_is_taken_over_with_its_record_once() {
    let account = account().await;
    let dead = take(&account, Duration::ZERO).await.expect("free");
    account.sandbox.advance(9 * MINUTE);
    assert!(take(&account, Duration::ZERO).await.is_err(), "the lease still runs");
    account.sandbox.advance(MINUTE + Duration::from_secs(1));
    // The one that takes over dies as well, in the middle of what it owes.
    let second = take(&account, Duration::ZERO).await.expect("over");
    assert_eq!(second.holder().pending[0].id, dead.holder().id);
    settle(second.store(), second.holder()).await.expect("written");
    account.sandbox.advance(11 * MINUTE);
    assert_eq!(whole(&account).await.expect("over"), 3);
    let history = history(&account).await;
    assert_eq!(endings(&history), [Ending::Lost, Ending::Lost, Ending::Converged]);
    let first = history.entries[0].record.as_ref().expect("a record");
    assert_eq!((first.id.as_str(), first.ended.as_deref()), (dead.holder().id.as_str(), None));
    assert!(first.recorded_by.is_some());
    assert!(matches!(history.lock, Ok(State::Free { .. })));
    // The dead one was only asleep: it must not free what is not its own any more.
    let third = take(&account, Duration::ZERO).await.expect("free");
    let _ = dead.free().await;
    let (state, _) = look(&account.run.store(false)).await.expect("readable");
    assert!(matches!(state, State::Held(held) if held.holder.id == third.holder().id));
}

#[tokio::test]
async fn a_lease_counts_from_the_write_that_began_it() {
    let account = account().await;
    let stop = Stop::default();
    let mut lock = take(&account, Duration::ZERO).await.expect("free");
    lock.lease(&stop).await.expect("ours");
    // As a machine that was closed and opened again: nobody was there to look.
    account.sandbox.advance(9 * MINUTE);
    assert!(stop.is_asked(), "a minute before anybody may take the lock");
    // Much of the lease has passed: it is renewed before anything is done under it.
    lock.lease(&stop).await.expect("still ours");
    assert!(!stop.is_asked());
    let State::Held(held) = look(&account.run.store(false)).await.expect("readable").0 else {
        panic!("held")
    };
    assert_eq!(held.holder.renewed, 1);
    account.sandbox.advance(11 * MINUTE);
    take(&account, Duration::ZERO).await.expect("over");
    assert!(matches!(lock.lease(&stop).await, Err(LedgerError::Lost { .. })), "somebody else's now");
}

#[tokio::test]
async fn a_renewal_whose_answer_was_lost_begins_no_lease_later() {
    let account = account().await;
    let stop = Stop::default();
    let mut lock = take(&account, Duration::ZERO).await.expect("free");
    account.sandbox.advance(4 * MINUTE);
    // S3 takes it, and answers none of the tries.
    account.sandbox.set_faults(vec![rule("PutObject", None, Fault::ResetAfter)]);
    assert!(lock.lease(&stop).await.is_err(), "nobody knows");
    account.sandbox.set_faults(Vec::new());
    account.sandbox.advance(4 * MINUTE);
    lock.lease(&stop).await.expect("still ours");
    let State::Held(held) = look(&account.run.store(false)).await.expect("readable").0 else {
        panic!("held")
    };
    let left = stop.left().expect("a lease");
    let truly = held.ends().duration_since(held.date);
    let truly = Duration::try_from(truly).expect("it runs");
    assert!(left + Duration::from_secs(50) <= truly, "{left:?} of {truly:?}");
}

#[tokio::test]
async fn a_lock_that_was_freed_by_hand_leaves_the_record_to_its_own_run() {
    let account = account().await;
    let lock = take(&account, Duration::ZERO).await.expect("free");
    write(&account, "auditscope/lock", b"free").await;
    assert!(!lock.is_owed_by_others().await.expect("readable"), "so this run writes it");
    let other = take(&account, Duration::ZERO).await.expect("free");
    assert!(!lock.is_owed_by_others().await.expect("readable"), "the next one knows nothing of this one");
    drop(other);
    account.sandbox.advance(11 * MINUTE);
    let dead = take(&account, Duration::ZERO).await.expect("over");
    account.sandbox.advance(11 * MINUTE);
    let heir = take(&account, Duration::ZERO).await.expect("over");
    assert!(dead.is_owed_by_others().await.expect("readable"), "{:?}", heir.holder().pending);
}

#[tokio::test]
async fn history_is_read_although_somebody_overwrote_the_lock() {
    let account = account().await;
    whole(&account).await.expect("free");
    write(&account, "auditscope/lock", b"locked").await;
    let history = history(&account).await;
    assert_eq!(endings(&history), [Ending::Converged]);
    assert!(matches!(history.lock, Err(LedgerError::Odd { .. })), "{:?}", history.lock);
}

#[tokio::test]
async fn a_record_that_somebody_planted_neither_hangs_history_nor_overflows() {
    let account = account().await;
    whole(&account).await.expect("free");
    write(&account, "auditscope/ledger/18446744073709551615.json", b"{}").await;
    assert_eq!(whole(&account).await.expect("it has no number of ours"), 2);
    write(&account, "auditscope/ledger/99999999.json", b"{}").await;
    let history = Box::pin(ledger::history(&account.run.store(false), 365)).await.expect("readable");
    let told: Vec<(u64, &str)> = history.broken.iter().map(|one| (one.number, one.why.as_str())).collect();
    assert_eq!(told[0], (3, "this and all up to 99999998 are missing"), "{told:?}");
    let error = whole(&account).await.expect_err("there is no number left");
    assert!(error.to_string().contains("no apply wrote so many"), "{error}");
}

#[tokio::test]
async fn a_run_that_died_between_its_record_and_its_lock_gets_no_second_record() {
    let account = account().await;
    let dead = take(&account, Duration::ZERO).await.expect("free");
    append(dead.store(), Record::of(dead.holder(), Ending::Converged), None).await.expect("written");
    account.sandbox.advance(11 * MINUTE);
    whole(&account).await.expect("over");
    assert_eq!(endings(&history(&account).await), [Ending::Converged, Ending::Converged]);
}

#[tokio::test]
async fn a_lock_is_renewed_and_a_taken_one_stops_its_holder() {
    let account = account().await;
    let mut lock = take(&account, Duration::ZERO).await.expect("free");
    let (stop, lost) = (Stop::default(), AtomicBool::new(false));
    let clock = account.run.session().clock().clone();
    tokio::select! {
        () = lock.keep(&stop, &lost) => unreachable!("never ends"),
        () = clock.sleep(30 * MINUTE) => {}
    }
    assert!(!stop.is_asked() && !lost.load(Ordering::SeqCst));
    assert!(take(&account, Duration::ZERO).await.is_err(), "half an hour later it is still held");
    assert!(lock.holder().renewed >= 9, "{}", lock.holder().renewed);
    let id = lock.holder().id.clone();
    unlock(account.run.store(false), &id, CALLER, "laptop").await.expect("its id");
    tokio::select! {
        () = lock.keep(&stop, &lost) => unreachable!("never ends"),
        () = clock.sleep(4 * MINUTE) => {}
    }
    assert!(stop.is_asked() && lost.load(Ordering::SeqCst), "the next renewal finds out");
    assert_eq!(endings(&history(&account).await), [Ending::Lost]);
}

#[tokio::test]
async fn a_lock_that_cannot_be_renewed_stops_its_holder_before_anybody_may_take_it() {
    let account = account().await;
    let mut lock = take(&account, Duration::ZERO).await.expect("free");
    account.sandbox.set_faults(vec![rule("PutObject", None, Fault::Deny)]);
    let (stop, lost) = (Stop::default(), AtomicBool::new(false));
    let start = account.sandbox.now();
    tokio::select! {
        () = lock.keep(&stop, &lost) => unreachable!("never ends"),
        () = stop.asked() => {}
    }
    let after = account.sandbox.now().duration_since(start).as_secs();
    assert!((500..=545).contains(&after) && lost.load(Ordering::SeqCst), "after {after} s");
}

#[tokio::test]
async fn a_lost_or_broken_answer_makes_no_difference() {
    let calls = {
        let account = account().await;
        let before = account.sandbox.calls().len();
        whole(&account).await.expect("undisturbed");
        account.sandbox.calls().len() - before
    };
    let faults = [
        Fault::ResetAfter,
        Fault::ResetBefore,
        Fault::Truncate,
        Fault::Throttle,
        Fault::ServerError,
        Fault::SlowDown,
        Fault::Conflict,
        Fault::Slow(30_000),
    ];
    for fault in faults {
        for nth in 1..=calls {
            let account = account().await;
            let nth = u32::try_from(nth).expect("small");
            account.sandbox.set_faults(vec![rule("*", Some(nth), fault)]);
            let end = whole(&account).await;
            // A conflict is only ever the answer to a conditional write.
            if fault == Fault::Conflict && end.is_err() {
                let seen = account.sandbox.calls();
                let met = seen.iter().find(|seen| {
                    seen.refused
                        .as_deref()
                        .is_some_and(|code| code.contains("onflict") || code.contains("Aborted"))
                });
                assert!(met.is_some_and(|seen| seen.operation != "PutObject"), "{nth}: {end:?}");
                continue;
            }
            assert_eq!(end.map_err(|error| error.to_string()), Ok(1), "{fault:?} at call {nth}");
            account.sandbox.set_faults(Vec::new());
            let history = history(&account).await;
            assert_eq!(endings(&history), [Ending::Converged], "{fault:?} at call {nth}");
            assert!(matches!(history.lock, Ok(State::Free { .. })), "{fault:?} at call {nth}");
        }
    }
}

#[tokio::test]
async fn a_lock_that_is_not_ours_to_read_is_left_alone() {
    let cases: [(&str, &[u8], &str); 3] = [
        ("garbage", b"do not touch", "is not what auditscope writes there"),
        ("newer", b"{\"format_version\": \"3.0\"}", "was written by a newer auditscope (format 3.0)"),
        ("long", &[b'x'; 2_000_000], "too long"),
    ];
    for (case, body, want) in cases {
        let account = account().await;
        write(&account, "auditscope/lock", body).await;
        let error = take(&account, MINUTE).await.expect_err(case);
        assert!(error.to_string().contains(want) && !error.hint().is_empty(), "{case}: {error}");
        let puts = account.sandbox.calls().iter().filter(|seen| seen.operation == "PutObject").count();
        assert_eq!(puts, 1, "{case}: only the test's own");
    }
    for (operation, want) in [("GetObject", "cannot be read"), ("PutObject", "cannot be written")] {
        let account = account().await;
        account.sandbox.set_faults(vec![rule(operation, None, Fault::Deny)]);
        let error = take(&account, MINUTE).await.expect_err(operation);
        assert!(error.to_string().contains(want), "{operation}: {error}");
        assert!(error.hint().contains("s3:GetObject and s3:PutObject"), "{operation}: {}", error.hint());
    }
}

#[tokio::test]
async fn two_that_see_it_free_at_the_same_moment_do_not_both_get_it() {
    for round in 0..20_u64 {
        let account = account().await;
        if round % 2 == 1 {
            whole(&account).await.expect("free");
        }
        let slow = |nth: u32| rule("*", Some(nth), Fault::Slow(u64::from(nth) * 7 * round % 900));
        account.sandbox.set_faults((1..=20).map(slow).collect());
        let ends = tokio::join!(
            take(&account, Duration::ZERO),
            take(&account, Duration::ZERO),
            take(&account, Duration::ZERO)
        );
        let got = [ends.0, ends.1, ends.2].into_iter().filter(Result::is_ok).count();
        assert_eq!(got, 1, "round {round}");
    }
}

#[tokio::test]
async fn unlock_takes_the_lock_s_own_id() {
    let account = account().await;
    let store = || account.run.store(false);
    let free = unlock(store(), "0123456789ab", CALLER, "laptop").await.expect_err("free");
    assert!(matches!(free, LedgerError::NotHeld { .. }), "{free}");
    let lock = take(&account, Duration::ZERO).await.expect("free");
    let other = unlock(store(), "0123456789ab", CALLER, "laptop").await.expect_err("another id");
    assert!(other.to_string().contains("is not held by 0123456789ab"), "{other}");
    assert!(other.hint().contains(&lock.holder().id), "{}", other.hint());
    let dead = unlock(store(), &lock.holder().id, CALLER, "laptop").await.expect("its id");
    assert_eq!(dead.holder.id, lock.holder().id);
    assert_eq!(endings(&history(&account).await), [Ending::Lost]);
    assert_eq!(whole(&account).await.expect("free"), 2);
}

#[tokio::test]
async fn an_unlock_that_dies_is_finished_by_the_next_run() {
    // Every call of an unlock, refused once and for all.
    for nth in 2..=6 {
        let account = account().await;
        let lock = take(&account, Duration::ZERO).await.expect("free");
        account.sandbox.set_faults((nth..=40).map(|nth| rule("*", Some(nth), Fault::Deny)).collect());
        let _ = unlock(account.run.store(false), &lock.holder().id, CALLER, "laptop").await;
        account.sandbox.set_faults(Vec::new());
        account.sandbox.advance(11 * MINUTE);
        whole(&account).await.expect("over");
        assert_eq!(endings(&history(&account).await), [Ending::Lost, Ending::Converged], "{nth}");
    }
}

#[tokio::test]
async fn history_names_what_somebody_did_to_the_records() {
    let account = account().await;
    let (_, bucket, client) = raw(&account);
    let versioning = aws_sdk_s3::types::VersioningConfiguration::builder()
        .status(aws_sdk_s3::types::BucketVersioningStatus::Enabled)
        .build();
    client
        .put_bucket_versioning()
        .bucket(&bucket)
        .versioning_configuration(versioning)
        .send()
        .await
        .expect("on");
    for _ in 0..4 {
        account.sandbox.advance(MINUTE);
        whole(&account).await.expect("free");
    }
    history(&account).await;
    write(&account, "auditscope/ledger/00000002.json", b"{}").await;
    client
        .delete_object()
        .bucket(&bucket)
        .key("auditscope/ledger/00000004.json")
        .send()
        .await
        .expect("a marker");
    let broken = Box::pin(ledger::history(&account.run.store(false), 365)).await.expect("readable").broken;
    let told: Vec<String> = broken.iter().map(|one| format!("{} {}", one.number, one.why)).collect();
    for want in
        ["2 it is not a record", "2 it was overwritten", "3 record 2 is not the one", "4 it was deleted"]
    {
        assert!(told.iter().any(|told| told.starts_with(want)), "{want}: {told:?}");
    }
}

#[tokio::test]
async fn a_condition_that_does_not_hold_is_no_error() {
    let account = account().await;
    let store = account.run.store(false);
    let key = "auditscope/test";
    assert_eq!(store.put(key, b"a", If::Is("\"none\"")).await, Ok(Put::Not), "nothing is there");
    let Ok(Put::Done(etag)) = store.put(key, b"a", If::Absent).await else { panic!("nothing was there") };
    assert_eq!(store.put(key, b"b", If::Absent).await, Ok(Put::Not));
    assert!(matches!(store.put(key, b"b", If::Is(&etag)).await, Ok(Put::Done(_))));
    assert_eq!(store.put(key, b"c", If::Is(&etag)).await, Ok(Put::Not));
}
