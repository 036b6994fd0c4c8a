// sampleDetail returns the detail of this plugin in a section of a pipeline file.
func sampleDetail(t *testing.T, file, section string) string {
	t.Helper()
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var sections map[string]json.RawMessage
	if err := json.Unmarshal(content, &sections); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	var plugins []struct {
		Type   string          `json:"type"`
		Detail json.RawMessage `json:"detail"`
	}
	if err := json.Unmarshal(sections[section], &plugins); err != nil {
		t.Fatalf("%s: %s: %v", file, section, err)
	}
	for _, plugin := range plugins {
		// An extension's type has an alias after a slash.
		if strings.SplitN(plugin.Type, "/", 2)[0] == pluginType {
			return string(plugin.Detail)
		}
	}
	t.Fatalf("%s: no %s among the %s", file, pluginType, section)
	return ""
}
