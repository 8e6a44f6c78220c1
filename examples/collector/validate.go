package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// validate has the Collector check what the exporter's README and this folder
// print, as an operator does before a rollout.
func validate(ctx context.Context, c *collectors) error {
	dir, err := os.MkdirTemp("", "otelcol-validate")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	readme, err := os.ReadFile("../../exporter/awsxraylambdaexporter/README.md")
	if err != nil {
		return err
	}
	files := []string{"collector.yaml", "gateway.yaml", "balancer.yaml"}
	for i, block := range strings.Split(string(readme), "```yaml\n")[1:] {
		block, _, _ = strings.Cut(block, "```")
		if !strings.Contains(block, "\nservice:") {
			continue
		}
		file := filepath.Join(dir, fmt.Sprintf("readme-%d.yaml", i))
		if err := os.WriteFile(file, []byte(block), 0o600); err != nil {
			return err
		}
		files = append(files, file)
	}
	if len(files) < 4 {
		return errors.New("the exporter's README prints no whole configuration")
	}
	for _, file := range files {
		if out, err := c.check(ctx, file, "us-east-1"); err != nil {
			return fmt.Errorf("%s: %w\n%s", file, err, out)
		}
	}
	fmt.Printf("  %d configurations are good\n", len(files))
	out, err := c.check(ctx, "collector.yaml", "")
	if err == nil || !strings.Contains(out, "region: not set") {
		return fmt.Errorf("a configuration without a region is not refused for it: %v\n%s", err, out)
	}
	fmt.Println("  one without a region is refused: region: not set")
	return nil
}

// check runs the Collector's validate.
func (c *collectors) check(ctx context.Context, file, region string) (output string, err error) {
	cmd := exec.CommandContext(ctx, c.binary, "validate", "--config", file)
	cmd.Env = []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + os.TempDir(), "AWS_EC2_METADATA_DISABLED=true", "AWS_REGION=" + region,
		"GATEWAY_1=127.0.0.1:4318", "GATEWAY_2=127.0.0.1:4319",
	}
	out, err := cmd.CombinedOutput()
	return string(out), err
}
