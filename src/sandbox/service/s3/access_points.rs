//! Access points (S3 Control API): further ways to a bucket, per account and Region.

use crate::sandbox::service::record::{Page, page, unique_id};
use crate::sandbox::service::{Answer, Call, Fault};
use serde_json::{Value, json};

/// Answers CreateAccessPoint. The bucket must be in the Region of the call (S3 User Guide, access points).
pub(super) fn create(call: &mut Call<'_>) -> Answer {
    let name = name(call)?;
    let request = call.input.get("CreateAccessPointRequest").cloned().unwrap_or_default();
    let bucket = request["Bucket"].as_str().unwrap_or_default().to_owned();
    let Some((owner, record)) = call.state.bucket(&bucket) else {
        return Err(Fault::bad(
            "InvalidRequest",
            "Amazon S3 Access Point could not be created: no such bucket",
        ));
    };
    if record["Region"] != call.region {
        return Err(Fault::bad("InvalidRequest", "The bucket is in another Region"));
    }
    let owner = owner.to_owned();
    if call.table("access_points").contains_key(&name) {
        let message =
            "Your previous request to create the named accesspoint succeeded and you already own it.";
        return Err(Fault::with(409, "AccessPointAlreadyOwnedByYou", message));
    }
    let arn = format!("arn:aws:s3:{}:{}:accesspoint/{name}", call.region, call.account);
    // 63 characters, whatever the name's length (S3 Control API, Alias).
    let number = call.state.fresh();
    let random =
        format!("{}{}{}", unique_id("", number), unique_id("", !number), unique_id("", number ^ 0xff));
    let head: String = format!("{name}-{}", random.to_lowercase()).chars().take(55).collect();
    let alias = format!("{head}-s3alias");
    let vpc = request["VpcConfiguration"]["VpcId"].as_str().map(ToOwned::to_owned);
    let mut point = json!({
        "Name": name, "Bucket": bucket, "BucketAccountId": owner, "AccessPointArn": arn, "Alias": alias,
        "NetworkOrigin": if vpc.is_some() { "VPC" } else { "Internet" },
    });
    if let Some(vpc) = vpc {
        point["VpcConfiguration"] = json!({"VpcId": vpc});
    }
    call.table("access_points").insert(name, point);
    Ok(json!({"AccessPointArn": arn, "Alias": alias}))
}

/// Answers DeleteAccessPoint.
pub(super) fn delete(call: &mut Call<'_>) -> Answer {
    let name = name(call)?;
    match call.table("access_points").remove(&name) {
        Some(_) => Ok(json!({})),
        None => Err(Fault::with(404, "NoSuchAccessPoint", "The specified accesspoint does not exist")),
    }
}

/// Answers ListAccessPoints of a Region, or of one bucket in it.
pub(super) fn list(call: &mut Call<'_>) -> Answer {
    let bucket = call.text("bucket");
    let size = call.number("MaxResults").unwrap_or(1000);
    if !(0..=1000).contains(&size) {
        return Err(Fault::bad("InvalidRequest", "maxResults must be between 0 and 1000"));
    }
    let points = call.table("access_points").values();
    let of_bucket = |point: &&Value| bucket.as_ref().is_none_or(|name| point["Bucket"] == name.as_str());
    let points = points.filter(of_bucket).cloned().collect();
    let bad = Fault::bad("InvalidRequest", "The continuation token provided is incorrect");
    let Page { entries, next } = page(points, call.text("NextToken"), size.unsigned_abs() as usize, bad)?;
    let mut answer = json!({"AccessPointList": entries});
    if let Some(next) = next {
        answer["NextToken"] = next.into();
    }
    Ok(answer)
}

fn name(call: &Call<'_>) -> Result<String, Fault> {
    let name = call.text("Name").unwrap_or_default();
    let allowed = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    if (3..=50).contains(&name.len()) && name.bytes().all(allowed) {
        return Ok(name);
    }
    Err(Fault::bad("InvalidRequest", "The access point's name has 3 to 50 of [a-z0-9-]"))
}
