//! Data-event types whose operations are not listed one by one: each is one row, recorded or not as a whole.
//!
//! CloudTrail User Guide, "CloudTrail concepts", table of data events; the part that concerns generative AI and what it
//! draws on.

use super::{Category, Confidence, Group, ReadOnly};

const fn of(source: Option<&'static str>, types: &'static [&'static str]) -> Group {
    Group {
        source,
        category: Category::Data,
        types,
        read_only: Some(ReadOnly::Unknown),
        confidence: Confidence::Documented,
        note: "the type is documented, its operations are not listed here",
        names: &[],
    }
}

pub(super) const GROUPS: &[Group] = &[
    of(
        Some("bedrock.amazonaws.com"),
        &[
            "AWS::Bedrock::AdvancedOptimizePromptJob",
            "AWS::Bedrock::AutomatedReasoningPolicy",
            "AWS::Bedrock::AutomatedReasoningPolicyVersion",
            "AWS::Bedrock::Blueprint",
            "AWS::Bedrock::DataAutomationInvocation",
            "AWS::Bedrock::DataAutomationProfile",
            "AWS::Bedrock::DataAutomationProject",
            "AWS::Bedrock::Tool",
        ],
    ),
    of(
        Some("bedrock-agentcore.amazonaws.com"),
        &[
            "AWS::BedrockAgentCore::ABTest",
            "AWS::BedrockAgentCore::BatchEvaluate",
            "AWS::BedrockAgentCore::BrowserProfile",
            "AWS::BedrockAgentCore::CapacityProvider",
            "AWS::BedrockAgentCore::Payments",
            "AWS::BedrockAgentCore::Policy",
            "AWS::BedrockAgentCore::PolicyEngine",
            "AWS::BedrockAgentCore::Recommendation",
            "AWS::BedrockAgentCore::Registry",
        ],
    ),
    // Sources of these events are not stated.
    of(
        None,
        &[
            "AWS::AIOps::InvestigationGroup",
            "AWS::AOSS::Collection",
            "AWS::AWSExternalAnthropic::Workspace",
            "AWS::AgentAccessMCP::Tools",
            "AWS::AgentRegistry::Registry",
            "AWS::BedrockWebSearch::Tool",
            "AWS::CloudTrail::Channel",
            "AWS::CloudWatch::Metric",
            "AWS::CodeWhisperer::Customization",
            "AWS::CodeWhisperer::Profile",
            "AWS::DynamoDB::Stream",
            "AWS::EC2::Snapshot",
            "AWS::KendraRanking::ExecutionPlan",
            "AWS::Lex::Bot",
            "AWS::Lex::BotAlias",
            "AWS::Logs::LogGroupAuthorization",
            "AWS::Logs::ScheduledQuery",
            "AWS::NeptuneGraph::Graph",
            "AWS::NovaAct::WorkflowDefinition",
            "AWS::NovaAct::WorkflowRun",
            "AWS::QApps::QApp",
            "AWS::QApps::QAppSession",
            "AWS::QBusiness::Application",
            "AWS::QBusiness::DataSource",
            "AWS::QBusiness::Index",
            "AWS::QBusiness::Integration",
            "AWS::QBusiness::WebExperience",
            "AWS::QDeveloper::Integration",
            "AWS::RDS::DBCluster",
            "AWS::S3::AccessPoint",
            "AWS::S3Express::AccessPoint",
            "AWS::S3Express::Object",
            "AWS::S3ObjectLambda::AccessPoint",
            "AWS::S3Outposts::Object",
            "AWS::S3Tables::Table",
            "AWS::S3Tables::TableBucket",
            "AWS::S3Vectors::Index",
            "AWS::S3Vectors::VectorBucket",
            "AWS::SNS::PlatformEndpoint",
            "AWS::SNS::Topic",
            "AWS::SageMaker::ExperimentTrialComponent",
            "AWS::SageMaker::FeatureGroup",
            "AWS::SageMaker::Hub",
            "AWS::SageMaker::Job",
            "AWS::SageMaker::MlflowApp",
            "AWS::SageMaker::MlflowTrackingServer",
            "AWS::SageMaker::TrainingSession",
        ],
    ),
];
