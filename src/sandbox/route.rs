//! Whose request it is: service, Region and access key, from the signature or the host.

use percent_encoding::percent_decode_str;

/// A request as the sandbox sees it, wherever it came from.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// HTTP method in capitals.
    pub method: String,
    /// Host without its port.
    pub host: String,
    /// Path as sent, still percent-encoded.
    pub path: String,
    /// Query as sent, without `?`.
    pub query: String,
    /// Headers, names in lower case.
    pub headers: Vec<(String, String)>,
    /// Body.
    pub body: Vec<u8>,
}

impl Request {
    /// Returns the first header of that lower-case name.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// Returns the decoded parameters of the query, in order.
    #[must_use]
    pub fn parameters(&self) -> Vec<(String, String)> {
        form_urlencoded::parse(self.query.as_bytes()).into_owned().collect()
    }

    /// Splits an address into host, path and query.
    #[must_use]
    pub fn with_uri(mut self, uri: &str) -> Self {
        let rest = uri.split_once("://").map_or(uri, |(_, rest)| rest);
        let (host, path) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        self.set_host(host);
        self.path = if path.is_empty() { "/".into() } else { path.into() };
        self.query = query.into();
        self
    }

    /// Sets the host, dropping a port.
    pub fn set_host(&mut self, authority: &str) {
        let host = match authority.rsplit_once(':') {
            Some((host, port)) if port.bytes().all(|b| b.is_ascii_digit()) => host,
            _ => authority,
        };
        self.host = host.to_ascii_lowercase();
    }
}

/// Where a request goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    /// Service as in IAM action prefixes; empty if nothing says which.
    pub service: String,
    /// Region of the endpoint.
    pub region: String,
    /// Access key id that signed, if any did.
    pub access_key: Option<String>,
}

/// Endpoint prefixes and signing names that differ from the IAM action prefix.
const SERVICE_NAMES: &[(&str, &str)] = &[("monitoring", "cloudwatch"), ("tagging", "tag")];

/// Returns where a request goes: the signature's scope says it, else the host.
#[must_use]
pub fn route(request: &Request) -> Route {
    let scope = request.header("authorization").and_then(scope).or_else(|| presigned(request));
    let (access_key, region, service) = match scope {
        Some([key, region, service]) => (Some(key), region, service),
        None => {
            let (service, region) = from_host(&request.host);
            (None, region, service)
        }
    };
    let name =
        SERVICE_NAMES.iter().find(|(wire, _)| *wire == service).map_or(service.as_str(), |(_, name)| name);
    Route { service: name.into(), region, access_key }
}

/// Returns access key, Region and service of `AWS4-HMAC-SHA256 Credential=KEY/DATE/REGION/SERVICE/aws4_request, …`.
fn scope(authorization: &str) -> Option<[String; 3]> {
    let credential = authorization.split_once("Credential=")?.1;
    parts(credential.split([',', ' ']).next()?)
}

fn presigned(request: &Request) -> Option<[String; 3]> {
    let parameters = request.parameters();
    parts(&parameters.iter().find(|(key, _)| key == "X-Amz-Credential")?.1)
}

fn parts(credential: &str) -> Option<[String; 3]> {
    let parts: Vec<&str> = credential.split('/').collect();
    match parts[..] {
        [key, _, region, service, "aws4_request"] => Some([key.into(), region.into(), service.into()]),
        _ => None,
    }
}

/// Returns service and Region of `[bucket.]service[-fips][.region].amazonaws.com` and its kin.
fn from_host(host: &str) -> (String, String) {
    let Some(name) = aws_name(host) else { return (String::new(), "us-east-1".into()) };
    let mut labels: Vec<&str> = name.split('.').filter(|label| *label != "dualstack").collect();
    if let Some(at) = labels.iter().rposition(|label| *label == "s3") {
        labels.drain(..at);
    }
    let service = labels.first().copied().unwrap_or_default();
    let service = service.strip_suffix("-fips").unwrap_or(service);
    (service.into(), labels.get(1).copied().unwrap_or("us-east-1").into())
}

/// Returns a host without AWS's domain, `None` for a host of another domain.
fn aws_name(host: &str) -> Option<&str> {
    [".amazonaws.com", ".amazonaws.com.cn", ".api.aws"].iter().find_map(|domain| host.strip_suffix(domain))
}

/// Returns bucket and key of an S3 request; both are empty for the service itself.
///
/// The bucket stands in the host (`bucket.s3.region.amazonaws.com`, `bucket.localhost`) or first in the path.
#[must_use]
pub fn bucket_and_key(request: &Request) -> (String, String) {
    let path = request.path.strip_prefix('/').unwrap_or(&request.path);
    let decoded = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
    let in_host = match aws_name(&request.host) {
        Some(name) => {
            let labels: Vec<&str> = name.split('.').collect();
            let at = labels.iter().rposition(|label| *label == "s3").unwrap_or(0);
            labels[..at].join(".")
        }
        None => request.host.strip_suffix(".localhost").unwrap_or_default().to_owned(),
    };
    if !in_host.is_empty() {
        return (in_host, decoded(path));
    }
    let (bucket, key) = path.split_once('/').unwrap_or((path, ""));
    (decoded(bucket), decoded(key))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(uri: &str, authorization: &str) -> Request {
        let headers = vec![("authorization".to_owned(), authorization.to_owned())];
        Request { headers, ..Request::default() }.with_uri(uri)
    }

    #[test]
    fn the_signature_or_the_host_says_where_a_request_goes() {
        let signed = "AWS4-HMAC-SHA256 Credential=111122223333/20260101/eu-central-1/monitoring/aws4_request, SignedHeaders=host";
        let presigned =
            "http://127.0.0.1:4599/b?X-Amz-Credential=K%2F20260101%2Feu-west-1%2Fs3%2Faws4_request";
        let cases = [
            ("regional", "https://cloudtrail.eu-west-1.amazonaws.com/", "", "cloudtrail", "eu-west-1"),
            ("global", "https://iam.amazonaws.com/", "", "iam", "us-east-1"),
            ("renamed", "https://tagging.eu-west-1.amazonaws.com/", "", "tag", "eu-west-1"),
            ("fips", "https://kms-fips.us-west-2.amazonaws.com", "", "kms", "us-west-2"),
            ("dual stack", "https://logs.eu-west-1.api.aws/", "", "logs", "eu-west-1"),
            ("bucket", "https://a.b.s3.eu-west-1.amazonaws.com/?policy", "", "s3", "eu-west-1"),
            ("bucket without Region", "https://a.s3.amazonaws.com/", "", "s3", "us-east-1"),
            ("served", "http://127.0.0.1:4599/", signed, "cloudwatch", "eu-central-1"),
            ("presigned", presigned, "", "s3", "eu-west-1"),
            ("unsigned and served", "http://127.0.0.1:4599/", "", "", "us-east-1"),
        ];
        for (case, uri, authorization, service, region) in cases {
            let got = route(&request(uri, authorization));
            assert_eq!((got.service.as_str(), got.region.as_str()), (service, region), "{case}");
        }
        assert_eq!(route(&request("http://x/", signed)).access_key.as_deref(), Some("111122223333"));
    }

    #[test]
    fn buckets_are_found_in_host_and_path() {
        let cases = [
            ("virtual host", "https://a.b.s3.eu-west-1.amazonaws.com/x%20y/z", "a.b", "x y/z"),
            ("path", "https://s3.eu-west-1.amazonaws.com/logs/k/l?tagging", "logs", "k/l"),
            ("served, path", "http://127.0.0.1:4599/logs/", "logs", ""),
            ("served, virtual host", "http://logs.localhost:4599/?policy", "logs", ""),
            ("the service", "https://s3.amazonaws.com/?max-buckets=1", "", ""),
        ];
        for (case, uri, bucket, key) in cases {
            assert_eq!(bucket_and_key(&request(uri, "")), (bucket.into(), key.into()), "{case}");
        }
    }
}
