// Package ecs says that the process runs in a container of Amazon ECS.
package ecs

import (
	"os"

	"github.com/lambdaxray/lambdaxray/xray/internal/logger"
	"github.com/lambdaxray/lambdaxray/xray/internal/plugins"
)

// Origin is the type of the node.
const Origin = "AWS::ECS::Container"

// Init takes the host name for the container's. Call it before the first segment.
func Init() {
	host, err := os.Hostname()
	if err != nil {
		logger.Errorf("awsplugins/ecs: %v", err)
		return
	}
	if late := plugins.Update(func(m *plugins.Metadata) {
		m.ECS = &plugins.ECS{Container: host}
		m.Origin = Origin
	}); late {
		logger.Errorf("awsplugins/ecs: Init after the first segment has no effect; call it first")
	}
}
