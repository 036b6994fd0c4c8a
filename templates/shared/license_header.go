{% if cookiecutter.license == "Proprietary" %}
// Copyright {{ cookiecutter.__copyright_holder.rstrip('.') }}. All rights reserved.
{% else %}
// Copyright {{ cookiecutter.__copyright_holder }}
// SPDX-License-Identifier: {{ cookiecutter.license }}
{% endif %}

