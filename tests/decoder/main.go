// Command decoder reads external_plugins.yml documents as the host's builder does, with yaml.v3 into structures of the
// same shape, and prints what they list: a JSON line for every file named on standard input.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"

	"gopkg.in/yaml.v3"
)

type module struct {
	GoMod  string `yaml:"gomod" json:"gomod"`
	Import string `yaml:"import" json:"import"`
	Path   string `yaml:"path" json:"path"`
}

type config struct {
	Plugins struct {
		Common  []*module `yaml:"common" json:"common"`
		Linux   []*module `yaml:"linux" json:"linux"`
		Windows []*module `yaml:"windows" json:"windows"`
		Debug   []*module `yaml:"debug" json:"debug"`
	} `yaml:"plugins" json:"plugins"`
	Project struct {
		Replaces   []string          `yaml:"replaces" json:"replaces"`
		GitConfigs map[string]string `yaml:"git_configs" json:"git_configs"`
		GoEnvs     map[string]string `yaml:"go_envs" json:"go_envs"`
	} `yaml:"project" json:"project"`
}

func read(path string) (*config, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var c config
	return &c, yaml.Unmarshal(content, &c)
}

func main() {
	out := json.NewEncoder(os.Stdout)
	for in := bufio.NewScanner(os.Stdin); in.Scan(); {
		c, err := read(in.Text())
		answer := map[string]any{"config": c}
		if err != nil {
			answer = map[string]any{"error": err.Error()}
		}
		if err := out.Encode(answer); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
}
