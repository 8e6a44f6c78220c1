// Package beanstalk says that the process runs in an environment of AWS Elastic
// Beanstalk.
package beanstalk

import (
	"encoding/json"
	"os"

	"github.com/lambdaxray/lambdaxray/xray/internal/logger"
	"github.com/lambdaxray/lambdaxray/xray/internal/plugins"
)

// Origin is the type of the node.
const Origin = "AWS::ElasticBeanstalk::Environment"

// file is where Elastic Beanstalk describes the environment.
var file = "/var/elasticbeanstalk/xray/environment.conf"

// Init reads the environment's name, version and deployment. Call it before the
// first segment. What goes wrong is logged.
func Init() {
	text, err := os.ReadFile(file)
	if err != nil {
		logger.Errorf("awsplugins/beanstalk: %v", err)
		return
	}
	var found plugins.Beanstalk
	if err := json.Unmarshal(text, &found); err != nil {
		logger.Errorf("awsplugins/beanstalk: %s: %v", file, err)
		return
	}
	if late := plugins.Update(func(m *plugins.Metadata) {
		m.Beanstalk = &found
		m.Origin = Origin
	}); late {
		logger.Errorf("awsplugins/beanstalk: Init after the first segment has no effect; call it first")
	}
}
