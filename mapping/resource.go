package mapping

import (
	"strconv"
	"strings"

	"go.opentelemetry.io/otel/attribute"

	"github.com/lambdaxray/lambdaxray/mapping/internal/jsonenc"
	"github.com/lambdaxray/lambdaxray/mapping/internal/stack"
)

// Resource is a span's resource, prepared once and shared by its spans.
type Resource struct {
	lambda     bool
	aws        bool   // it runs in AWS
	name       string // of its segments: function name, else service name
	service    string // value of the Service annotation
	identity   string // equal on resources that describe the same process' service
	origin     string
	language   stack.Language
	ofXRay     bool   // its spans were an X-Ray SDK's documents, by awsxrayreceiver
	functionID string // ARN of the function

	serviceBlock []byte // "service":{…} of a segment
	segmentAWS   []byte // members of a segment's aws block
	accountID    string
	logGroups    []byte // value of cloudwatch_logs

	// metadata, as members of the otel.resource namespace: all attributes, and those
	// that no typed field of a segment holds. What a span may say otherwise is apart.
	all, rest []byte
	function  []byte // what function_arn repeats; in neither of the others
	account   []byte // what a segment's account_id repeats; not in rest

	attrs []resourceAttribute // those of all and rest one by one, for annotations
}

// resourceAttribute is an attribute that annotations can ask for.
type resourceAttribute struct {
	annotation string // otel.resource.<key>
	kv         attribute.KeyValue
	index      int  // among the resource's attributes
	rest       bool // no typed field of a segment holds it
}

var emptyResource = &Resource{}

// NewResource prepares the attributes of a resource. The result is immutable
// and safe for concurrent use; build it once and point every span at it.
func NewResource(attrs []attribute.KeyValue) *Resource {
	var f fields
	f.scan(attrs)
	r := &Resource{
		lambda:     isLambda(&f),
		aws:        isAWS(&f),
		functionID: f.text(slotResourceID),
		language:   stack.LanguageOf(f.text(slotSDKLanguage)),
		ofXRay:     strings.HasPrefix(f.text(slotSDKName), "X-Ray"),
	}
	if r.lambda && r.functionID != "" && unqualified(r.functionID) == r.functionID {
		i := f.index[slotResourceID] - 1
		r.function = appendMember(nil, &attrs[i])
		f.spend(slotResourceID)
	}
	for i := range attrs {
		if !f.spent[i] { // nor said twice
			kv := publicResource(&attrs[i])
			r.all = appendMember(r.all, &kv)
			r.attrs = append(r.attrs, resourceAttribute{resourcePrefix + string(kv.Key), kv, i, false})
		}
	}
	if r.aws || f.text(slotCloudProvider) == "" && f.text(slotCloudPlatform) == "" && isAccount(f.value(slotAWSAccount)) { // elsewhere it is a project or a subscription
		if r.accountID = f.spendID(slotAWSAccount); r.accountID != "" {
			r.account = appendMember(nil, &attrs[f.index[slotAWSAccount]-1])
		}
	}
	r.setNames(&f)
	r.setOrigin(&f)
	r.setService(&f)
	r.setAWS(&f)
	for i := range r.attrs {
		a := &r.attrs[i]
		if a.rest = !f.spent[a.index]; a.rest {
			r.rest = appendMember(r.rest, &a.kv)
		}
	}
	return r
}

// SegmentName returns the name that segments of the resource get: the function's
// in Lambda, else service.name, in X-Ray's characters. It is "" if the resource
// has neither; then a segment is named after its span.
func (r *Resource) SegmentName() string {
	if r.name == "" {
		return ""
	}
	return string(appendLegal(nil, r.name, ""))
}

// Origin returns the origin that segments of the resource get, as in
// AWS::Lambda::Function; "" if the resource does not say where it runs.
func (r *Resource) Origin() string { return r.origin }

// isAWS reports whether the resource is in AWS, as far as it says where it is: a
// host of one's own says nothing.
func isAWS(f *fields) bool {
	if provider := f.text(slotCloudProvider); provider != "" {
		return provider == "aws"
	}
	return strings.HasPrefix(f.text(slotCloudPlatform), "aws_") || isLambda(f)
}

// isLambda reports whether the resource is a Lambda function. The Go detector
// does not set cloud.platform, so a function name in AWS counts as well.
func isLambda(f *fields) bool {
	if p := f.text(slotCloudPlatform); p != "" {
		return p == "aws_lambda"
	}
	provider := f.text(slotCloudProvider)
	return f.text(slotFunctionName) != "" && (provider == "" || provider == "aws")
}

func (r *Resource) setNames(f *fields) {
	r.service = f.text(slotServiceName)
	if strings.HasPrefix(r.service, "unknown_service") { // the SDK's own default
		r.service = ""
	}
	function := f.text(slotFunctionName)
	if r.lambda && function != "" {
		r.name = function
	} else {
		r.name = r.service
	}
	if r.service == "" {
		r.service = function
	}
	r.identity = f.text(slotServiceNamespace) + "/" + f.text(slotServiceName) + "/" + function
}

// originOf maps cloud.platform to a segment's origin.
func originOf(platform string) string {
	switch platform {
	case "aws_lambda":
		return "AWS::Lambda::Function"
	case "aws_ec2":
		return "AWS::EC2::Instance"
	case "aws_ecs":
		return "AWS::ECS::Container"
	case "aws_eks":
		return "AWS::EKS::Container"
	case "aws_elastic_beanstalk":
		return "AWS::ElasticBeanstalk::Environment"
	case "aws_app_runner":
		return "AWS::AppRunner::Service"
	}
	return ""
}

func (r *Resource) setOrigin(f *fields) {
	if r.lambda {
		r.origin = originOf("aws_lambda")
		return
	}
	if !r.aws {
		return
	}
	platform := f.text(slotCloudPlatform)
	r.origin = originOf(platform)
	if platform == "aws_ecs" {
		switch strings.ToLower(f.text(slotLaunchType)) {
		case "ec2":
			r.origin = "AWS::ECS::EC2"
		case "fargate":
			r.origin = "AWS::ECS::Fargate"
		}
	}
}

// isAccount reports whether v is the number of an AWS account.
func isAccount(v *attribute.Value) bool {
	return v != nil && (v.Type() == attribute.INT64 || v.Type() == attribute.STRING && len(v.AsString()) == 12 && strings.Trim(v.AsString(), "0123456789") == "")
}

// setService prepares the service block: the version of the service, else of its
// container's image.
func (r *Resource) setService(f *fields) {
	version := f.spendUpTo(slotServiceVersion, maxString)
	if version == "" {
		if tags := spendList(f, slotImageTags); len(tags) > 0 {
			version = cut(tags[0], maxString)
			f.spent[f.index[slotImageTags]-1] = len(tags) == 1 // metadata has the others
		}
	}
	if version != "" {
		r.serviceBlock = append(jsonenc.AppendStringMember(append(r.serviceBlock, `"service":{`...), "version", version), '}')
	}
}

// maybeECS and maybeBeanstalk know a resource that does not name its platform:
// awsxrayreceiver's never does, and leaves as many attributes as a document has blocks.
func (r *Resource) maybeECS(f *fields) bool {
	return r.unnamedPlatform(f) && f.text(slotContainerName) != "" && f.text(slotK8sCluster) == "" && f.text(slotK8sPod) == ""
}

func (r *Resource) maybeBeanstalk(f *fields) bool {
	_, isNumber := f.number(slotServiceInstance) // of a deployment
	return r.unnamedPlatform(f) && f.text(slotServiceNamespace) != "" && isNumber
}

func (r *Resource) unnamedPlatform(f *fields) bool {
	return r.ofXRay && f.text(slotCloudPlatform) == ""
}

// setAWS prepares a segment's aws block.
func (r *Resource) setAWS(f *fields) {
	b := r.segmentAWS
	switch {
	case !r.aws:
	case strings.HasPrefix(r.origin, "AWS::ECS") || r.maybeECS(f):
		b = appendTexts(b, "ecs", f, []textField{
			{"container", slotContainerName}, {"container_id", slotContainerID}, {"container_arn", slotContainerARN},
			{"task_arn", slotTaskARN}, {"task_family", slotTaskFamily}, {"cluster_arn", slotClusterARN}, {"launch_type", slotLaunchType},
		})
	case r.origin == "AWS::EKS::Container", f.text(slotK8sCluster) != "", f.text(slotK8sPod) != "": // a cluster of one's own too
		b = appendTexts(b, "eks", f, []textField{
			{"cluster_name", slotK8sCluster}, {"pod", slotK8sPod}, {"container_id", slotContainerID},
		})
	}
	if r.aws && (r.origin == "AWS::ElasticBeanstalk::Environment" || r.maybeBeanstalk(f)) {
		b = appendBeanstalk(b, f)
	}
	if r.aws && !r.lambda {
		b = appendTexts(b, "ec2", f, []textField{
			{"instance_id", slotHostID}, {"availability_zone", slotAvailabilityZone},
			{"instance_size", slotHostType}, {"ami_id", slotHostImage},
		})
	}
	r.logGroups = appendLogGroups(nil, f)
	if name, language := f.text(slotSDKName), f.text(slotSDKLanguage); name != "" {
		b = append(jsonenc.AppendKey(b, "xray"), '{')
		f.spend(slotSDKName)
		if language != "" {
			f.spend(slotSDKLanguage)
			if !r.ofXRay { // X-Ray for Go
				name += " for " + language
			}
		}
		b = jsonenc.AppendStringMember(b, "sdk", name)
		if v := f.spendText(slotSDKVersion); v != "" {
			b = jsonenc.AppendStringMember(b, "sdk_version", v)
		}
		b = jsonenc.AppendKey(b, "auto_instrumentation")
		b = strconv.AppendBool(b, f.text(slotAutoVersion) != "")
		b = append(b, '}')
	}
	r.segmentAWS = b
}

// textField is a string of a block: the field's key and the slot that fills it.
type textField struct {
	key  string
	slot slot
}

// appendTexts writes an object of the strings that are there, or nothing.
func appendTexts(dst []byte, key string, f *fields, members []textField) []byte {
	mark := len(dst)
	dst = append(jsonenc.AppendKey(dst, key), '{')
	open := len(dst)
	for _, m := range members {
		if v := f.spendText(m.slot); v != "" {
			dst = jsonenc.AppendStringMember(dst, m.key, v)
		}
	}
	if len(dst) == open {
		return dst[:mark]
	}
	return append(dst, '}')
}

func appendBeanstalk(dst []byte, f *fields) []byte {
	dst = append(jsonenc.AppendKey(dst, "elastic_beanstalk"), '{')
	if v := f.spendText(slotServiceNamespace); v != "" {
		dst = jsonenc.AppendStringMember(dst, "environment_name", v)
	}
	if id, ok := f.number(slotServiceInstance); ok {
		f.spend(slotServiceInstance)
		dst = jsonenc.AppendIntMember(dst, "deployment_id", id)
	}
	if v := f.text(slotServiceVersion); v != "" {
		dst = jsonenc.AppendStringMember(dst, "version_label", v)
	}
	return append(dst, '}')
}

// appendLogGroups writes the value of cloudwatch_logs: one entry per log group,
// by ARN where the ARNs are known.
func appendLogGroups(dst []byte, f *fields) []byte {
	arns, names := spendList(f, slotLogGroupARNs), spendList(f, slotLogGroupNames)
	if len(arns)+len(names) == 0 {
		return dst
	}
	dst = append(dst, '[')
	seen := map[string]bool{}
	for _, arn := range arns {
		dst = append(jsonenc.AppendComma(dst), '{')
		// arn:aws:logs:region:account:log-group:NAME[:*]
		if parts := strings.SplitN(arn, ":", 8); len(parts) >= 7 {
			dst = jsonenc.AppendStringMember(dst, "log_group", parts[6])
			seen[parts[6]] = true
		}
		dst = jsonenc.AppendStringMember(dst, "arn", arn)
		dst = append(dst, '}')
	}
	for _, name := range names {
		if !seen[name] {
			dst = appendLogGroup(dst, name)
		}
	}
	return append(dst, ']')
}

func appendLogGroup(dst []byte, name string) []byte {
	dst = append(jsonenc.AppendComma(dst), '{')
	return append(jsonenc.AppendStringMember(dst, "log_group", name), '}')
}

// spendList returns the strings of a list attribute and spends it if there are any;
// some producers join the names of log groups with "&".
func spendList(f *fields, s slot) []string {
	v := f.value(s)
	if v == nil {
		return nil
	}
	if text := f.spendText(s); text != "" {
		return strings.Split(text, "&")
	}
	texts := appendListStrings(nil, v)
	if len(texts) > 0 {
		f.spend(s)
	}
	return texts
}

// appendMember writes "key":value of an attribute into an object.
func appendMember(dst []byte, kv *attribute.KeyValue) []byte {
	return appendValue(jsonenc.AppendForeignKey(dst, memberKey(kv)), &kv.Value)
}

// publicResource returns an attribute of a resource as it may be written, whatever
// the mapper's options are: without credentials and queries of URLs, and without the
// secrets of a command line or the environment.
func publicResource(kv *attribute.KeyValue) attribute.KeyValue {
	text := kv.Value.Type() == attribute.STRING || kv.Value.Type() == attribute.STRINGSLICE
	if name, ok := strings.CutPrefix(string(kv.Key), "process.environment_variable."); ok && isSecretKey(name) || text && isSecretAttribute(string(kv.Key)) {
		return attribute.KeyValue{Key: kv.Key, Value: attribute.StringValue(redacted)}
	}
	if v, ok := publicValue(&kv.Value, false); ok {
		return attribute.KeyValue{Key: kv.Key, Value: v}
	}
	return *kv
}

// memberKey returns the key that an attribute has in metadata. Keys that start
// with AWS. are reserved by X-Ray and get a prefix.
func memberKey(kv *attribute.KeyValue) string {
	if strings.HasPrefix(string(kv.Key), "AWS.") {
		return "otel." + string(kv.Key)
	}
	return string(kv.Key)
}
