package beanstalk

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/lambdaxray/lambdaxray/xray/internal/plugins"
)

func TestInit(t *testing.T) {
	defer func(was string) { file = was }(file)
	file = filepath.Join(t.TempDir(), "environment.conf")
	Init() // says that there is none
	if err := os.WriteFile(file, []byte(`{"environment_name": "shop-prod", "version_label": "v7", "deployment_id": 42}`), 0o644); err != nil {
		t.Fatal(err)
	}
	Init()
	m := plugins.Read()
	if m.Origin != Origin || m.Beanstalk == nil || *m.Beanstalk != (plugins.Beanstalk{Environment: "shop-prod", VersionLabel: "v7", DeploymentID: 42}) {
		t.Errorf("%+v", m)
	}
}
