module {{ cookiecutter.module_path }}

go {{ cookiecutter.__go_version }}

require github.com/alibaba/ilogtail/pkg {{ cookiecutter.__pkg_version }}
