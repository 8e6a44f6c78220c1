package awsxraylambdaexporter

import (
	"errors"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/lambdaxray/lambdaxray/exporter/xrayapi"
)

// advice is what the log says of a code.
type advice struct {
	what   string // a sentence
	fix    string
	source string // of credentials
	loud   bool   // it does not pass by itself
}

func adviceOf(code string, err error) advice {
	if code == xrayapi.CodeCredentials {
		return credentialsAdvice(err)
	}
	if a, ok := advices[code]; ok {
		return a
	}
	if status, ok := strings.CutPrefix(code, "HTTP"); ok && status < "500" {
		return advice{
			what: "Something between here and X-Ray answers in its place.",
			fix:  "Look for a proxy, firewall or login page on the way to the endpoint; see proxy_address and endpoint.",
			loud: true,
		}
	}
	return advice{what: "X-Ray does not take documents now.", fix: "If it lasts, look at the AWS Health Dashboard for X-Ray in this region."}
}

const denied = "Allow the role xray:PutTraceSegments; look for a deny in a permission boundary, an SCP or a VPC endpoint's policy."

const keys = "Look at which credentials are used and at the machine's clock; keys that were rotated are fetched anew by themselves."

var advices = map[string]advice{
	xrayapi.CodeTimeout: {
		what: "X-Ray does not answer in time.",
		fix:  "Look at the network to the endpoint: security groups, the VPC endpoint, the proxy; see request_timeout_seconds.",
	},
	xrayapi.CodeConnection: {
		what: "There is no connection to X-Ray, or it breaks.",
		fix:  "Look at name resolution, routes, security groups and the proxy on the way to the endpoint; see endpoint and region.",
	},
	xrayapi.CodeClient: {
		what: "The AWS SDK cannot make the call.",
		fix:  "Look at region and endpoint.", loud: true,
	},
	"ThrottledException":          throttled,
	"ThrottlingException":         throttled,
	"TooManyRequestsException":    throttled,
	"HTTP429":                     throttled,
	"AccessDeniedException":       {what: "X-Ray denies the upload.", fix: denied, loud: true},
	"AccessDenied":                {what: "X-Ray denies the upload.", fix: denied, loud: true},
	"ExpiredTokenException":       {what: "X-Ray calls the credentials expired.", fix: keys, loud: true},
	"ExpiredToken":                {what: "X-Ray calls the credentials expired.", fix: keys, loud: true},
	"InvalidSignatureException":   {what: "X-Ray calls the signature wrong.", fix: keys, loud: true},
	"SignatureDoesNotMatch":       {what: "X-Ray calls the signature wrong.", fix: keys, loud: true},
	"UnrecognizedClientException": {what: "X-Ray does not know the access key.", fix: keys, loud: true},
	"InvalidClientTokenId":        {what: "X-Ray does not know the access key.", fix: keys, loud: true},
	"MissingAuthenticationToken":  {what: "The call reaches X-Ray without its signature.", fix: "A proxy takes the Authorization header away.", loud: true},
	"InvalidRequestException":     {what: "X-Ray refuses a call.", fix: "Please report it with the error: the exporter should make none that is refused.", loud: true},
	"UnknownOperationException":   {what: "The endpoint is not X-Ray's.", fix: "Look at endpoint.", loud: true},
	"HTTP413":                     {what: "Something on the way takes no call of this size.", fix: "Calls are halved by themselves; raise the proxy's limit to 2 MiB."},
}

var throttled = advice{
	what: "X-Ray throttles.",
	fix:  "If it lasts, sample less or raise the quota of segments a second (Service Quotas, AWS X-Ray).",
}

// credentialsAdvice names the source that has no credentials and its fix.
func credentialsAdvice(err error) advice {
	a := advice{
		what: "There are no AWS credentials to call X-Ray with.",
		fix:  "Look at the error: it names the source.",
		loud: true,
	}
	var sources []aws.CredentialSource
	var c *xrayapi.CredentialsError
	if errors.As(err, &c) {
		sources = c.Sources
	}
	text := err.Error()
	switch {
	case has(sources, aws.CredentialSourceEnvVarsSTSWebIDToken, aws.CredentialSourceProfileSTSWebIDToken, aws.CredentialSourceSTSAssumeRoleWebID) ||
		strings.Contains(text, "AssumeRoleWithWebIdentity"):
		a.source = "STS AssumeRoleWithWebIdentity (a Kubernetes service account's role)"
		a.fix = "Look at the role's trust policy: the cluster's OIDC provider, the namespace and service account in its condition; and at AWS_ROLE_ARN and AWS_WEB_IDENTITY_TOKEN_FILE in the pod."
	case has(sources, aws.CredentialSourceSTSAssumeRole) || strings.Contains(text, "AssumeRole"):
		a.source = "STS AssumeRole (role_arn)"
		a.fix = "Look at role_arn and external_id, at the role's trust policy, and that the Collector's own credentials may call sts:AssumeRole."
	case has(sources, aws.CredentialSourceIMDS) || strings.Contains(text, "ec2imds") || strings.Contains(text, "EC2 IMDS"):
		a.source = "instance metadata (IMDS)"
		a.fix = "Attach a role to the instance; from a container raise the metadata hop limit to 2; elsewhere configure other credentials."
	case has(sources, aws.CredentialSourceHTTP):
		a.source = "container credentials (ECS task role or EKS Pod Identity)"
		a.fix = "Look at the task's role or the Pod Identity association, and that the agent runs."
	case has(sources, aws.CredentialSourceSSO, aws.CredentialSourceProfileSSO, aws.CredentialSourceSSOLegacy, aws.CredentialSourceProfileSSOLegacy):
		a.source = "IAM Identity Center (SSO)"
		a.fix = "Log in again: aws sso login."
	case has(sources, aws.CredentialSourceProcess, aws.CredentialSourceProfileProcess):
		a.source = "credential_process of the profile"
		a.fix = "Run the command of credential_process by hand, as the Collector's user."
	}
	return a
}

func has(list []aws.CredentialSource, sources ...aws.CredentialSource) bool {
	for _, s := range list {
		for _, want := range sources {
			if s == want {
				return true
			}
		}
	}
	return false
}
