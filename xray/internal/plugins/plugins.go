// Package plugins holds what the packages below awsplugins have found out about
// where the process runs, until package xray describes its resource with it.
package plugins

import "sync"

// Metadata is where the process runs. The JSON is that of a segment's aws block.
type Metadata struct {
	EC2       *EC2
	ECS       *ECS
	Beanstalk *Beanstalk
	Origin    string // of the plugin that came last
}

// EC2 is an instance.
type EC2 struct {
	InstanceID       string `json:"instance_id"`
	AvailabilityZone string `json:"availability_zone"`
}

// ECS is a container.
type ECS struct {
	Container string `json:"container"`
}

// Beanstalk is an environment, in the words of its configuration file too.
type Beanstalk struct {
	Environment  string `json:"environment_name"`
	VersionLabel string `json:"version_label"`
	DeploymentID int    `json:"deployment_id"`
}

var (
	mu      sync.Mutex
	current Metadata
	read    bool
)

// Update changes the metadata and reports whether that comes too late: it has
// been read before.
func Update(change func(*Metadata)) (late bool) {
	mu.Lock()
	defer mu.Unlock()
	change(&current)
	return read
}

// Read returns the metadata, for good.
func Read() Metadata {
	mu.Lock()
	defer mu.Unlock()
	read = true
	return current
}
