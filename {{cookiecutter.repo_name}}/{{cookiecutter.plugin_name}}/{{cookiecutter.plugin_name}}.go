{% include "shared/header.go" %}
{% include cookiecutter.plugin_kind ~ "/plugin.go" %}
