{% include "shared/license_header.go" %}
// Package {{ cookiecutter.plugin_name }} registers the plugin {{ cookiecutter.__plugin_type }}.
{% if cookiecutter.plugin_platform != "all" %}
//
// The plugin itself is built on {{ cookiecutter.plugin_platform }} only; this file has no build constraint, so that all.go can import the
// package on every platform.
{% endif %}
package {{ cookiecutter.plugin_name }}
