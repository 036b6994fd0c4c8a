{% include "shared/license_header.go" %}
{% if cookiecutter.plugin_platform != "all" %}
//go:build {{ cookiecutter.plugin_platform }}

{% endif %}
