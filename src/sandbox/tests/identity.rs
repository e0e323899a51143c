//! Callers, roles and organisations.

use super::{ACCOUNT, code, config};
use crate::sandbox::{Sandbox, lived_in};
use std::time::Duration;

#[tokio::test]
async fn the_access_key_says_who_calls() {
    let sandbox = Sandbox::in_memory(ACCOUNT);
    for (case, key, account) in
        [("any key", "AKIAEXAMPLE", ACCOUNT), ("an account", "444455556666", "444455556666")]
    {
        let sts = aws_sdk_sts::Client::new(&config(&sandbox, "eu-central-1", key).await);
        let who = sts.get_caller_identity().send().await.expect("nobody is refused");
        assert_eq!(who.account(), Some(account), "{case}");
        assert_eq!(who.arn(), Some(format!("arn:aws:iam::{account}:user/sandbox").as_str()), "{case}");
    }
    assert_eq!(sandbox.calls()[0].region, "eu-central-1");
}

#[tokio::test]
async fn sessions_belong_to_the_roles_account_and_run_out() {
    let sandbox = Sandbox::in_memory(ACCOUNT);
    let here = config(&sandbox, "eu-central-1", "x").await;
    let there = config(&sandbox, "eu-central-1", "444455556666").await;
    let trust = format!(
        r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Principal":{{"AWS":"arn:aws:iam::{ACCOUNT}:root"}},"Action":"sts:AssumeRole"}}}}"#
    );
    let role = "arn:aws:iam::444455556666:role/audit";
    let sts = aws_sdk_sts::Client::new(&here);
    let assume = || sts.assume_role().role_arn(role).role_session_name("me");
    assert_eq!(code(assume().send().await).as_deref(), Some("AccessDenied"), "no such role");
    aws_sdk_iam::Client::new(&there)
        .create_role()
        .role_name("audit")
        .assume_role_policy_document(trust)
        .send()
        .await
        .expect("a good role");
    assert_eq!(code(assume().duration_seconds(7200).send().await).as_deref(), Some("ValidationError"));
    let session = assume().duration_seconds(900).send().await.expect("trusted");
    let key = session.credentials().expect("credentials").access_key_id().to_owned();
    let as_role = config(&sandbox, "eu-central-1", &key).await;
    let who = aws_sdk_sts::Client::new(&as_role).get_caller_identity().send().await.expect("a session");
    assert_eq!(who.arn(), Some("arn:aws:sts::444455556666:assumed-role/audit/me"));
    aws_sdk_iam::Client::new(&as_role).get_role().role_name("audit").send().await.expect("seen from inside");
    sandbox.advance(Duration::from_secs(901));
    let late = aws_sdk_sts::Client::new(&as_role).get_caller_identity().send().await;
    assert_eq!(code(late).as_deref(), Some("ExpiredToken"));
}

#[tokio::test]
async fn the_organisation_is_seen_by_its_members() {
    let sandbox = Sandbox::in_memory(ACCOUNT);
    let management = aws_sdk_organizations::Client::new(&config(&sandbox, "us-east-1", "x").await);
    let member = aws_sdk_organizations::Client::new(&config(&sandbox, "us-east-1", "444455556666").await);
    let none = management.describe_organization().send().await;
    assert_eq!(code(none).as_deref(), Some("AWSOrganizationsNotInUseException"));

    sandbox.with_state(|state| *state = lived_in::state(ACCOUNT));
    let seen = member.describe_organization().send().await.expect("a member");
    assert_eq!(seen.organization().and_then(|o| o.master_account_id()), Some(ACCOUNT));
    assert_eq!(code(member.list_accounts().send().await).as_deref(), Some("AccessDeniedException"));
    let accounts = management.list_accounts().max_results(2).into_paginator().send();
    let pages = accounts.collect::<Result<Vec<_>, _>>().await.expect("pages");
    assert_eq!(pages.iter().map(|page| page.accounts().len()).collect::<Vec<_>>(), [2, 1]);

    let register = |service: &str| {
        management
            .register_delegated_administrator()
            .account_id("444455556666")
            .service_principal(service)
            .send()
    };
    assert_eq!(code(register("config.amazonaws.com").await).as_deref(), Some("ConstraintViolationException"));
    register("cloudtrail.amazonaws.com").await.expect("trusted access is on");
    let twice = register("cloudtrail.amazonaws.com").await;
    assert_eq!(code(twice).as_deref(), Some("AccountAlreadyRegisteredException"));
    let delegates = management.list_delegated_administrators().send().await.expect("management");
    assert_eq!(delegates.delegated_administrators()[0].id(), Some("444455556666"));
    member.list_accounts().send().await.expect("a delegated administrator may");
    let sts = aws_sdk_sts::Client::new(&config(&sandbox, "us-east-1", "x").await);
    for (account, want) in [("444455556666", None), ("999999999999", Some("AccessDenied"))] {
        let role = format!("arn:aws:iam::{account}:role/OrganizationAccountAccessRole");
        let got = code(sts.assume_role().role_arn(role).role_session_name("me").send().await);
        assert_eq!(got.as_deref(), want, "{account}");
    }
}
