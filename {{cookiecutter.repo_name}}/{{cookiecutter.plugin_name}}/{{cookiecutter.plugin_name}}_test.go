{% include "shared/header.go" %}
{% include cookiecutter.plugin_kind ~ "/plugin_test.go" %}
