//! Agents and OpenAI-compatible inference beside Bedrock: AgentCore, the `bedrock-mantle` endpoint, SageMaker.
//!
//! AgentCore records one event source for both planes (observed in delivered logs by the authors of aws-mdaa). Its
//! data-event types are documented; which operations carry which is documented for the gateway only, and concluded from the
//! resource types of the authorization reference for the rest. An operation that works on an AWS-owned or a custom
//! resource lists both types.

use super::Group;

const AGENTCORE: &str = "bedrock-agentcore.amazonaws.com";
const MANTLE: &str = "bedrock-mantle.amazonaws.com";
const SAGEMAKER: &str = "sagemaker.amazonaws.com";

pub(super) const GROUPS: &[Group] = &[
    Group::management(
        AGENTCORE,
        &[
            "CreateAgentRuntime",
            "CreateAgentRuntimeEndpoint",
            "CreateApiKeyCredentialProvider",
            "CreateBrowser",
            "CreateCodeInterpreter",
            "CreateGateway",
            "CreateGatewayTarget",
            "CreateMemory",
            "CreateOauth2CredentialProvider",
            "CreatePolicy",
            "CreatePolicyEngine",
            "CreateWorkloadIdentity",
            "DeleteAgentRuntime",
            "DeleteAgentRuntimeEndpoint",
            "DeleteApiKeyCredentialProvider",
            "DeleteBrowser",
            "DeleteCodeInterpreter",
            "DeleteGateway",
            "DeleteGatewayTarget",
            "DeleteMemory",
            "DeleteOauth2CredentialProvider",
            "DeletePolicy",
            "DeletePolicyEngine",
            "DeleteResourcePolicy",
            "DeleteWorkloadIdentity",
            "GetGateway",
            "GetGatewayTarget",
            "ListGatewayTargets",
            "ListGateways",
            "PutResourcePolicy",
            "SetTokenVaultCMK",
            "UpdateAgentRuntime",
            "UpdateAgentRuntimeEndpoint",
            "UpdateApiKeyCredentialProvider",
            "UpdateGateway",
            "UpdateGatewayTarget",
            "UpdateMemory",
            "UpdateOauth2CredentialProvider",
            "UpdatePolicy",
            "UpdatePolicyEngine",
            "UpdateWorkloadIdentity",
        ],
    ),
    Group::data(AGENTCORE, &["AWS::BedrockAgentCore::Gateway"], &["InvokeGateway"])
        .note("failures are in responseElements, not in errorCode"),
    Group::data(
        AGENTCORE,
        &["AWS::BedrockAgentCore::Runtime", "AWS::BedrockAgentCore::RuntimeEndpoint"],
        &["GetAgentCard", "InvokeAgentRuntime", "StopRuntimeSession"],
    )
    .inferred(),
    Group::data(
        AGENTCORE,
        &["AWS::BedrockAgentCore::Memory"],
        &[
            "BatchCreateMemoryRecords",
            "BatchDeleteMemoryRecords",
            "BatchUpdateMemoryRecords",
            "CreateEvent",
            "DeleteEvent",
            "DeleteMemoryRecord",
            "GetEvent",
            "GetMemoryRecord",
            "ListActors",
            "ListEvents",
            "ListMemoryRecords",
            "ListSessions",
            "RetrieveMemoryRecords",
        ],
    )
    .inferred(),
    Group::data(
        AGENTCORE,
        &["AWS::BedrockAgentCore::Browser", "AWS::BedrockAgentCore::BrowserCustom"],
        &[
            "GetBrowserSession",
            "ListBrowserSessions",
            "StartBrowserSession",
            "StopBrowserSession",
            "UpdateBrowserStream",
        ],
    )
    .inferred(),
    Group::data(
        AGENTCORE,
        &["AWS::BedrockAgentCore::CodeInterpreter", "AWS::BedrockAgentCore::CodeInterpreterCustom"],
        &[
            "GetCodeInterpreterSession",
            "InvokeCodeInterpreter",
            "ListCodeInterpreterSessions",
            "StartCodeInterpreterSession",
            "StopCodeInterpreterSession",
        ],
    )
    .inferred(),
    Group::data(
        AGENTCORE,
        &["AWS::BedrockAgentCore::WorkloadIdentity", "AWS::BedrockAgentCore::WorkloadIdentityDirectory"],
        &["GetWorkloadAccessToken", "GetWorkloadAccessTokenForJWT", "GetWorkloadAccessTokenForUserId"],
    )
    .inferred(),
    Group::data(
        AGENTCORE,
        &["AWS::BedrockAgentCore::OAuth2CredentialProvider", "AWS::BedrockAgentCore::TokenVault"],
        &["CompleteResourceTokenAuth", "GetResourceOauth2Token"],
    )
    .inferred(),
    Group::data(
        AGENTCORE,
        &["AWS::BedrockAgentCore::APIKeyCredentialProvider", "AWS::BedrockAgentCore::TokenVault"],
        &["GetResourceApiKey"],
    )
    .inferred(),
    Group::data(AGENTCORE, &["AWS::BedrockAgentCore::Evaluator"], &["Evaluate"]).inferred(),
    // Amazon Bedrock User Guide, CloudTrail page: inference and files are data events, listings are management events.
    Group::data(
        MANTLE,
        &["AWS::BedrockMantle::Project"],
        &["CancelInference", "CountTokens", "CreateInference", "DeleteInference", "GetInference"],
    ),
    Group::management(
        MANTLE,
        &["ArchiveProject", "CreateProject", "ListModels", "ListProjects", "UpdateProject"],
    )
    .inferred(),
    Group::management(
        SAGEMAKER,
        &[
            "CreateEndpoint",
            "CreateEndpointConfig",
            "CreateModel",
            "CreateNotebookInstance",
            "CreatePresignedDomainUrl",
            "CreatePresignedNotebookInstanceUrl",
            "CreateTrainingJob",
            "DeleteEndpoint",
            "UpdateEndpoint",
        ],
    ),
    Group::data(SAGEMAKER, &["AWS::SageMaker::Endpoint"], &["InvokeEndpointWithResponseStream"]),
    Group::unclassified(SAGEMAKER, &["InvokeEndpoint", "InvokeEndpointAsync"])
        .note("CloudTrail's table names InvokeEndpointWithResponseStream only"),
    // How an agreement for a third-party model is accepted; the source string is not confirmed by AWS.
    Group::management("agreement-marketplace.amazonaws.com", &["AcceptAgreementRequest"]).inferred(),
];
