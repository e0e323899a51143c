//! The data-event types of generative AI that CloudTrail documents, by short name.
//!
//! CloudTrail User Guide, "CloudTrail concepts", table of data events: only types of that table are here, so that "all"
//! holds nothing that AWS might refuse.

/// Version of the newest catalogue; `trail.data_events.catalogue` pins one.
pub const VERSION: &str = "2026-11";

/// One documented data-event type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DataEventType {
    /// What a blueprint calls it.
    pub short: &'static str,
    /// CloudTrail's `resources.type`.
    pub resource_type: &'static str,
    /// First catalogue that has it.
    pub since: &'static str,
}

/// A group of types, a key of `trail.data_events`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    Bedrock,
    AgentCore,
    Mantle,
}

impl Family {
    /// All families, in the order of their keys.
    pub const ALL: [Self; 3] = [Self::Bedrock, Self::AgentCore, Self::Mantle];

    /// Returns its key under `trail.data_events`.
    pub fn key(self) -> &'static str {
        match self {
            Self::Bedrock => "bedrock",
            Self::AgentCore => "agentcore",
            Self::Mantle => "mantle",
        }
    }

    /// Returns its types.
    pub fn types(self) -> &'static [DataEventType] {
        match self {
            Self::Bedrock => BEDROCK,
            Self::AgentCore => AGENTCORE,
            Self::Mantle => MANTLE,
        }
    }

    /// Returns the types of the catalogue of one version.
    pub fn types_of(self, version: &str) -> impl Iterator<Item = &'static DataEventType> {
        self.types().iter().filter(move |known| known.since <= version)
    }
}

/// Versions that can be pinned, oldest first.
pub const VERSIONS: &[&str] = &["2026-11"];

const fn kind(short: &'static str, resource_type: &'static str) -> DataEventType {
    DataEventType { short, resource_type, since: "2026-11" }
}

const BEDROCK: &[DataEventType] = &[
    kind("advanced-optimize-prompt-job", "AWS::Bedrock::AdvancedOptimizePromptJob"),
    kind("agent-alias", "AWS::Bedrock::AgentAlias"),
    kind("async-invoke", "AWS::Bedrock::AsyncInvoke"),
    kind("automated-reasoning-policy", "AWS::Bedrock::AutomatedReasoningPolicy"),
    kind("automated-reasoning-policy-version", "AWS::Bedrock::AutomatedReasoningPolicyVersion"),
    kind("blueprint", "AWS::Bedrock::Blueprint"),
    kind("data-automation-invocation", "AWS::Bedrock::DataAutomationInvocation"),
    kind("data-automation-profile", "AWS::Bedrock::DataAutomationProfile"),
    kind("data-automation-project", "AWS::Bedrock::DataAutomationProject"),
    kind("flow-alias", "AWS::Bedrock::FlowAlias"),
    kind("flow-execution", "AWS::Bedrock::FlowExecution"),
    kind("guardrail", "AWS::Bedrock::Guardrail"),
    kind("inline-agent", "AWS::Bedrock::InlineAgent"),
    kind("knowledge-base", "AWS::Bedrock::KnowledgeBase"),
    kind("model", "AWS::Bedrock::Model"),
    kind("prompt-version", "AWS::Bedrock::PromptVersion"),
    kind("session", "AWS::Bedrock::Session"),
    kind("tool", "AWS::Bedrock::Tool"),
];

const AGENTCORE: &[DataEventType] = &[
    kind("ab-test", "AWS::BedrockAgentCore::ABTest"),
    kind("api-key-credential-provider", "AWS::BedrockAgentCore::APIKeyCredentialProvider"),
    kind("batch-evaluate", "AWS::BedrockAgentCore::BatchEvaluate"),
    kind("browser", "AWS::BedrockAgentCore::Browser"),
    kind("browser-custom", "AWS::BedrockAgentCore::BrowserCustom"),
    kind("browser-profile", "AWS::BedrockAgentCore::BrowserProfile"),
    kind("capacity-provider", "AWS::BedrockAgentCore::CapacityProvider"),
    kind("code-interpreter", "AWS::BedrockAgentCore::CodeInterpreter"),
    kind("code-interpreter-custom", "AWS::BedrockAgentCore::CodeInterpreterCustom"),
    kind("evaluator", "AWS::BedrockAgentCore::Evaluator"),
    kind("gateway", "AWS::BedrockAgentCore::Gateway"),
    kind("memory", "AWS::BedrockAgentCore::Memory"),
    kind("oauth2-credential-provider", "AWS::BedrockAgentCore::OAuth2CredentialProvider"),
    kind("payments", "AWS::BedrockAgentCore::Payments"),
    kind("policy", "AWS::BedrockAgentCore::Policy"),
    kind("policy-engine", "AWS::BedrockAgentCore::PolicyEngine"),
    kind("recommendation", "AWS::BedrockAgentCore::Recommendation"),
    kind("registry", "AWS::BedrockAgentCore::Registry"),
    kind("runtime", "AWS::BedrockAgentCore::Runtime"),
    kind("runtime-endpoint", "AWS::BedrockAgentCore::RuntimeEndpoint"),
    kind("token-vault", "AWS::BedrockAgentCore::TokenVault"),
    kind("workload-identity", "AWS::BedrockAgentCore::WorkloadIdentity"),
    kind("workload-identity-directory", "AWS::BedrockAgentCore::WorkloadIdentityDirectory"),
];

const MANTLE: &[DataEventType] = &[kind("project", "AWS::BedrockMantle::Project")];

/// Tells whether a word has the shape of a `resources.type`: `AWS::Service::Thing`.
pub fn looks_like_a_type(word: &str) -> bool {
    let parts: Vec<&str> = word.split("::").collect();
    let plain = |part: &&str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric());
    parts.len() == 3 && parts[0] == "AWS" && parts.iter().all(plain)
}

/// Returns the `resources.type` of what a blueprint wrote: a short name of the family, or a type itself.
pub(crate) fn resource_type(family: Family, written: &str) -> Option<&str> {
    let known = family.types().iter().find(|known| known.short == written);
    known.map(|known| known.resource_type).or_else(|| looks_like_a_type(written).then_some(written))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_names_and_types_are_unique_and_sorted() {
        for family in Family::ALL {
            assert!(family.types().is_sorted_by(|a, b| a.short < b.short), "{family:?}");
            for known in family.types() {
                assert!(looks_like_a_type(known.resource_type), "{}", known.resource_type);
                assert!(VERSIONS.contains(&known.since), "{}", known.short);
            }
        }
        assert_eq!(VERSIONS.last(), Some(&VERSION));
    }

    #[test]
    fn a_type_passes_whether_known_or_not() {
        assert_eq!(resource_type(Family::Bedrock, "model"), Some("AWS::Bedrock::Model"));
        assert_eq!(resource_type(Family::Bedrock, "AWS::Bedrock::Newest"), Some("AWS::Bedrock::Newest"));
        assert_eq!(resource_type(Family::Bedrock, "modell"), None);
    }
}
