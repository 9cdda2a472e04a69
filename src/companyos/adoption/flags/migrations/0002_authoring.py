# Flags get kinds, audiences, versions and schedules; a cohort of people becomes an audience that names them.

import django.db.models.deletion
from django.db import migrations, models


def cohorts_become_audiences(apps, schema_editor):
    Flag = apps.get_model("flags", "Flag")
    for flag in Flag.objects.all():
        slices = [{"tenant": t, "people": sorted(p)} for t, p in sorted(flag.cohort.items()) if p]
        flag.document = {"key": flag.key, "title": flag.key, "feature": flag.feature}
        if slices:
            flag.document["audience"] = {"slices": slices}
        flag.save()


class Migration(migrations.Migration):

    dependencies = [("flags", "0001_initial")]

    operations = [
        migrations.AddField("Flag", "document", models.JSONField(default=dict), preserve_default=False),
        migrations.AddField("Flag", "version", models.PositiveIntegerField(default=0)),
        migrations.AddField("Flag", "killed", models.JSONField(null=True)),
        migrations.AddField("Flag", "driven_by", models.SlugField(blank=True, default=""), preserve_default=False),
        migrations.AddField("Flag", "created_at", models.DateTimeField(null=True)),
        migrations.RunPython(cohorts_become_audiences, migrations.RunPython.noop),
        migrations.RemoveField("Flag", "cohort"),
        migrations.RemoveField("Flag", "feature"),
        migrations.CreateModel(
            name='FlagSetting',
            fields=[
                ('name', models.CharField(max_length=64, primary_key=True, serialize=False)),
                ('fractional', models.CharField(default='v2', max_length=4)),
                ('prerelease_in', models.JSONField(default=list)),
                ('leads', models.JSONField(default=list)),
            ],
        ),
        migrations.CreateModel(
            name='Segment',
            fields=[
                ('slug', models.CharField(max_length=80, primary_key=True, serialize=False)),
                ('version', models.PositiveIntegerField(default=0)),
                ('document', models.JSONField()),
            ],
        ),
        migrations.CreateModel(
            name='FlagVersion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.PositiveIntegerField()),
                ('at', models.DateTimeField()),
                ('author', models.SlugField()),
                ('because', models.TextField()),
                ('change', models.CharField(max_length=16)),
                ('document', models.JSONField()),
                ('killed', models.JSONField(null=True)),
                ('on', models.PositiveIntegerField(default=0)),
                ('new', models.PositiveIntegerField(default=0)),
                ('lose', models.PositiveIntegerField(default=0)),
                ('ruleset', models.PositiveIntegerField(default=0)),
                ('exemption', models.TextField(blank=True)),
                ('flag', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='flags.flag')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('flag', 'version'), name='one_row_a_flag_version')],
            },
        ),
        migrations.CreateModel(
            name='Scheduled',
            fields=[
                ('id', models.UUIDField(primary_key=True, serialize=False)),
                ('at', models.DateTimeField()),
                ('asked_at', models.DateTimeField()),
                ('author', models.SlugField()),
                ('because', models.TextField()),
                ('changes', models.JSONField()),
                ('before', models.JSONField()),
                ('exemption', models.TextField(blank=True)),
                ('outcome', models.CharField(default='waiting', max_length=16)),
                ('settled_at', models.DateTimeField(null=True)),
                ('settled_by', models.SlugField(blank=True)),
                ('told', models.TextField(blank=True)),
                ('flag', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='flags.flag')),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('outcome', 'waiting')), fields=['at'], name='changes_to_come')],
            },
        ),
        migrations.CreateModel(
            name='SegmentVersion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.PositiveIntegerField()),
                ('at', models.DateTimeField()),
                ('author', models.SlugField()),
                ('because', models.TextField()),
                ('document', models.JSONField()),
                ('ruleset', models.PositiveIntegerField(default=0)),
                ('segment', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='flags.segment')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('segment', 'version'), name='one_row_a_segment_version')],
            },
        ),
    ]
